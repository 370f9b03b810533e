"""Python runs this at its start where the folder is on PYTHONPATH: policylint then finds no plugins beside it.

Plugins are installed for the whole of an environment; whoever works on one has it there, and the tests are about policylint.
"""

import sys
from importlib.machinery import PathFinder


class NoStrangers:
    """Finds the module that looks for plugins, and lets it find none."""

    def find_spec(self, name, path=None, target=None):
        if not (name.startswith("policylint.") and name.endswith(".entry_points")):
            return None
        found = PathFinder.find_spec(name, path, target)
        if found:
            found.loader = Blind(found.loader)
        return found


class Blind:
    """Loads a module as it is, but for its function `installed_plugins`."""

    def __init__(self, loader):
        self.loader = loader

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        module.installed_plugins = tuple


sys.meta_path.insert(0, NoStrangers())
