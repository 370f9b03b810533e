"""Frameworks that rules are mapped to, each a profile of its own. Every mapping rests on a text that anybody can read.

ISO/IEC 27001 and PCI DSS are left out: the wording of ISO's control is for sale only, and PCI DSS 4 asks for backups of
audit logs alone, of which backup policies know nothing.
"""

from __future__ import annotations

from typing import NamedTuple


class Framework(NamedTuple):
    """A framework: its name, where to read it, and the titles of the controls that rules are mapped to."""

    title: str
    source: str
    controls: dict[str, str]


FRAMEWORKS = {
    "aws-rel09": Framework(
        "AWS Well-Architected Framework, Reliability Pillar, REL09",
        "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/back-up-data.html",
        {
            "REL09-BP01": "Identify and back up all data that needs to be backed up, or reproduce the data from sources",
            "REL09-BP02": "Secure and encrypt backups",
            "REL09-BP03": "Perform data backup automatically",
        },
    ),
    "aws-backup-audit-manager": Framework(
        "AWS Backup Audit Manager",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/controls-and-remediation.html",
        {
            "resources-in-plan": "Backup resources are included in at least one backup plan",
            "plan-frequency-and-retention": "Backup plan has minimum frequency and minimum retention",
            "recovery-point-retention": "Minimum retention established for recovery point",
            "cross-region-copy": "Cross-Region backup copy is scheduled",
            "cross-account-copy": "Cross-account backup copy is scheduled",
            "air-gapped-vault": "Resources are in a logically air-gapped vault",
        },
    ),
    "nist-800-53": Framework(
        "NIST SP 800-53 Revision 5",
        "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
        {
            "CP-6": "Alternate Storage Site",
            "CP-6(1)": "Alternate Storage Site: Separation from Primary Site",
            "CP-9": "System Backup",
            "CP-9(3)": "System Backup: Separate Storage for Critical Information",
        },
    ),
    "soc-2": Framework(
        "SOC 2, AICPA Trust Services Criteria (2017)",
        "https://www.aicpa-cima.com/resources/download/2017-trust-services-criteria-with-revised-points-of-focus-2022",
        {"A1.2": "Environmental protections, software, data backup processes and recovery infrastructure"},
    ),
}


class Mapping(NamedTuple):
    """What a rule answers to: a framework's id and a control's."""

    framework: str
    control: str


def mappings(texts: list[str]) -> tuple[Mapping, ...]:
    """The mappings that a card states as `framework:control`. Raises ValueError for one that is not known."""
    found = []
    for text in texts:
        framework, _, control = text.partition(":")
        if framework not in FRAMEWORKS or control not in FRAMEWORKS[framework].controls:
            raise ValueError(f"'{text}' is not a control of a known framework")
        found.append(Mapping(framework, control))
    return tuple(found)
