"""What plans select."""

from __future__ import annotations

from policylint.effective import View
from policylint.findings import Fault
from policylint.rules import check

from .backup_plans import Found


@check("selects-everything")
def selects_everything(plan: View) -> Found:
    """Every resource of an account, with no exception."""
    for selection in plan.children("selections/resources"):
        narrowed = selection.child("not_resource_types") or selection.child("conditions")
        if "*" in selection.texts("resource_types") and not narrowed:
            message = f"'{selection.name}' backs up every resource there is. Add conditions or not_resource_types."
            yield Fault(selection.element_place("resource_types", "*"), message)
