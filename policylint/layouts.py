"""The names of the native layout, for those who have to know them besides its reader."""

from __future__ import annotations

from policylint.files import Files

TREE_FILES = ("organization.yaml", "organization.yml", "organization.json")
DOCUMENT_ENDINGS = (".json", ".yaml", ".yml")
POLICIES = "policies"
FOLDERS = (POLICIES, "rules", "inventory")
CONFIGURATIONS = ("policylint.yaml", "policylint.yml")


def tree_file(files: Files) -> str | None:
    """The name of the file that states the tree, if the files are in the native layout."""
    return next((name for name in TREE_FILES if files.exists(name)), None)
