"""`python -m policylint`."""

import os
import sys

# Python puts the working directory first on its path. That may be a repository under review: a `logging.py` or a
# plugin that lies there is not to run. It stays where policylint itself is run from its source.
if not sys.flags.safe_path and not os.path.samefile(sys.path[0] or os.curdir, f"{os.path.dirname(__file__)}/.."):
    del sys.path[0]

from policylint.cli import main

sys.exit(main())
