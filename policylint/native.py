"""The old home of these names, for plugins of before; the public names of policylint replace them in the next release."""

from policylint.choosing import OrganizationUnreadable as OrganizationUnreadable
from policylint.choosing import read_native as read_native
