"""policylint: what AWS Organizations makes of your policies, before AWS does.

The names below are the public interface for plugins and scripts; nothing else is. They load when they are first used,
so that `import policylint` costs nothing. The function `lint` is imported from its own room, `policylint.lint`.

Open and look: an organization or a policy file as data, its effective policies, and what the rules find.
Write a rule: its check, its card, what checks are made of, and what they yield.
Write a reader: how it reads files, and what it raises.
Write a format: what it returns, and texts made harmless and in words.
Write a policy type: its shape, as data.
Write a command: its page in the help, and what it is.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policylint.admission import found_by as found_by
    from policylint.by_path import read_document as read_document
    from policylint.choosing import OrganizationUnreadable as OrganizationUnreadable
    from policylint.choosing import Reader as Reader
    from policylint.choosing import read_from as read_from
    from policylint.choosing import read_native as read_native
    from policylint.choosing import unread as unread
    from policylint.compliance import FRAMEWORKS as FRAMEWORKS
    from policylint.difference import Difference as Difference
    from policylint.document import Document as Document
    from policylint.effective import EffectivePolicy as EffectivePolicy
    from policylint.effective import View as View
    from policylint.effective import effective_policies as effective_policies
    from policylint.effective import effective_policy as effective_policy
    from policylint.entry_points import Command as Command
    from policylint.entry_points import Page as Page
    from policylint.errors import ConfigError as ConfigError
    from policylint.errors import Error as Error
    from policylint.errors import NotEnabled as NotEnabled
    from policylint.errors import NothingThere as NothingThere
    from policylint.errors import NothingToCheck as NothingToCheck
    from policylint.errors import ReadError as ReadError
    from policylint.errors import UnknownName as UnknownName
    from policylint.errors import UsageError as UsageError
    from policylint.explain import verdict as verdict
    from policylint.files import Files as Files
    from policylint.files import entries as entries
    from policylint.files import misspelt as misspelt
    from policylint.findings import AffectedAccounts as AffectedAccounts
    from policylint.findings import AwsError as AwsError
    from policylint.findings import Fault as Fault
    from policylint.findings import Finding as Finding
    from policylint.findings import Outcome as Outcome
    from policylint.findings import Related as Related
    from policylint.findings import Severity as Severity
    from policylint.folding import Range as Range
    from policylint.folding import intersection as intersection
    from policylint.folding import largest_units as largest_units
    from policylint.folding import merged as merged
    from policylint.folding import without as without
    from policylint.foreign import looks_like as looks_like
    from policylint.foreign import why_unread as why_unread
    from policylint.fragments import Fragment as Fragment
    from policylint.fragments import Value as Value
    from policylint.fragments import fragment_of as fragment_of
    from policylint.hookspecs import hookimpl as hookimpl
    from policylint.inheritance import Inheritance as Inheritance
    from policylint.inheritance import resolve as resolve
    from policylint.inventory import Inventory as Inventory
    from policylint.lint import lint_files as lint_files
    from policylint.merge import ContainerLocks as ContainerLocks
    from policylint.merge import Event as Event
    from policylint.merge import Level as Level
    from policylint.merge import Origin as Origin
    from policylint.merge import State as State
    from policylint.organization import WHOLE as WHOLE
    from policylint.organization import Account as Account
    from policylint.organization import Organization as Organization
    from policylint.organization import OrganizationalUnit as OrganizationalUnit
    from policylint.organization import Policy as Policy
    from policylint.organization import Target as Target
    from policylint.parsing import unread_document as unread_document
    from policylint.places import Location as Location
    from policylint.places import Place as Place
    from policylint.places import Span as Span
    from policylint.places import join as join
    from policylint.places import locate as locate
    from policylint.plugins import Host as Host
    from policylint.plugins import load as load
    from policylint.policy_files import read_content as read_content
    from policylint.policy_files import read_policy_file as read_policy_file
    from policylint.policy_files import type_of as type_of
    from policylint.policy_types import Registry as Registry
    from policylint.policy_types import UnknownPolicyType as UnknownPolicyType
    from policylint.policy_types.regions import partition_of as partition_of
    from policylint.policy_types.shape import ENTRY_NAME as ENTRY_NAME
    from policylint.policy_types.shape import Apart as Apart
    from policylint.policy_types.shape import Container as Container
    from policylint.policy_types.shape import Excludes as Excludes
    from policylint.policy_types.shape import MostUses as MostUses
    from policylint.policy_types.shape import Needs as Needs
    from policylint.policy_types.shape import Node as Node
    from policylint.policy_types.shape import PolicyType as PolicyType
    from policylint.policy_types.shape import RarerThan as RarerThan
    from policylint.policy_types.shape import Rejection as Rejection
    from policylint.policy_types.shape import SameAsName as SameAsName
    from policylint.policy_types.shape import ServiceLimit as ServiceLimit
    from policylint.policy_types.shape import Setting as Setting
    from policylint.policy_types.shape import Timeline as Timeline
    from policylint.policy_types.shape import Values as Values
    from policylint.policy_types.shape import When as When
    from policylint.printing import printable as printable
    from policylint.progress import watched as watched
    from policylint.project import CheckedPolicy as CheckedPolicy
    from policylint.project import Project as Project
    from policylint.project import open as open
    from policylint.report import SEVERITY_COLOURS as SEVERITY_COLOURS
    from policylint.report import Rendered as Rendered
    from policylint.report import Report as Report
    from policylint.report import SuppressedFinding as SuppressedFinding
    from policylint.report import Terminal as Terminal
    from policylint.rules import Card as Card
    from policylint.rules import CardError as CardError
    from policylint.rules import Rule as Rule
    from policylint.rules import check as check
    from policylint.rules import load_card as load_card
    from policylint.rules import rule_of as rule_of
    from policylint.scalars import Placeholder as Placeholder
    from policylint.scalars import has_placeholder as has_placeholder
    from policylint.scalars import text_of as text_of
    from policylint.schedules import Schedule as Schedule
    from policylint.schedules import ScheduleError as ScheduleError
    from policylint.source_keys import ROOT as ROOT
    from policylint.sources import AccountEntry as AccountEntry
    from policylint.sources import Attachment as Attachment
    from policylint.sources import PolicyEntry as PolicyEntry
    from policylint.sources import Source as Source
    from policylint.sources import UnitEntry as UnitEntry
    from policylint.story import Cause as Cause
    from policylint.story import Story as Story
    from policylint.story import StoryEvent as StoryEvent
    from policylint.tracing import overruled as overruled
    from policylint.tracing import story_of as story_of
    from policylint.validity import ValidationError as ValidationError
    from policylint.validity import validation_errors as validation_errors
    from policylint.wording import counted as counted
    from policylint.wording import did_you_mean as did_you_mean
    from policylint.wording import hinted as hinted
    from policylint.wording import listed as listed
    from policylint.wording import nearest_part as nearest_part
    from policylint.wording import plural as plural
    from policylint.wording import some_of as some_of

_HOMES = {
    # Open and look
    "Account": "organization",
    "AffectedAccounts": "findings",
    "AwsError": "findings",
    "CheckedPolicy": "project",
    "ConfigError": "errors",
    "ContainerLocks": "merge",
    "Difference": "difference",
    "Document": "document",
    "EffectivePolicy": "effective",
    "Error": "errors",
    "Finding": "findings",
    "Host": "plugins",
    "Inheritance": "inheritance",
    "Inventory": "inventory",
    "Level": "merge",
    "Location": "places",
    "NotEnabled": "errors",
    "NothingThere": "errors",
    "NothingToCheck": "errors",
    "Organization": "organization",
    "OrganizationalUnit": "organization",
    "Outcome": "findings",
    "Place": "places",
    "Policy": "organization",
    "Project": "project",
    "ReadError": "errors",
    "Report": "report",
    "Rule": "rules",
    "Severity": "findings",
    "State": "merge",
    "Story": "story",
    "SuppressedFinding": "report",
    "Target": "organization",
    "UnknownName": "errors",
    "UsageError": "errors",
    "ValidationError": "validity",
    "View": "effective",
    "effective_policies": "effective",
    "effective_policy": "effective",
    "lint_files": "lint",
    "load": "plugins",
    "locate": "places",
    "open": "project",
    "read_native": "choosing",
    "read_policy_file": "policy_files",
    "resolve": "inheritance",
    "story_of": "tracing",
    "validation_errors": "validity",
    # Write a rule
    "Card": "rules",
    "CardError": "rules",
    "Event": "merge",
    "Fault": "findings",
    "Fragment": "fragments",
    "Origin": "merge",
    "Range": "folding",
    "Related": "findings",
    "Schedule": "schedules",
    "ScheduleError": "schedules",
    "Value": "fragments",
    "check": "rules",
    "fragment_of": "fragments",
    "has_placeholder": "scalars",
    "hookimpl": "hookspecs",
    "intersection": "folding",
    "largest_units": "folding",
    "load_card": "rules",
    "merged": "folding",
    "partition_of": "policy_types.regions",
    "rule_of": "rules",
    "without": "folding",
    # Write a reader
    "AccountEntry": "sources",
    "Attachment": "sources",
    "Files": "files",
    "OrganizationUnreadable": "choosing",
    "Placeholder": "scalars",
    "PolicyEntry": "sources",
    "ROOT": "source_keys",
    "Reader": "choosing",
    "Source": "sources",
    "Span": "places",
    "UnitEntry": "sources",
    "UnknownPolicyType": "policy_types",
    "WHOLE": "organization",
    "entries": "files",
    "join": "places",
    "looks_like": "foreign",
    "misspelt": "files",
    "read_content": "policy_files",
    "read_document": "by_path",
    "read_from": "choosing",
    "text_of": "scalars",
    "type_of": "policy_files",
    "unread": "choosing",
    "unread_document": "parsing",
    "why_unread": "foreign",
    # Write a format
    "Cause": "story",
    "StoryEvent": "story",
    "overruled": "tracing",
    "verdict": "explain",
    "FRAMEWORKS": "compliance",
    "Rendered": "report",
    "SEVERITY_COLOURS": "report",
    "Terminal": "report",
    "counted": "wording",
    "did_you_mean": "wording",
    "hinted": "wording",
    "listed": "wording",
    "nearest_part": "wording",
    "plural": "wording",
    "printable": "printing",
    "some_of": "wording",
    "watched": "progress",
    # Write a policy type
    "Apart": "policy_types.shape",
    "Container": "policy_types.shape",
    "ENTRY_NAME": "policy_types.shape",
    "Excludes": "policy_types.shape",
    "MostUses": "policy_types.shape",
    "Needs": "policy_types.shape",
    "Node": "policy_types.shape",
    "PolicyType": "policy_types.shape",
    "RarerThan": "policy_types.shape",
    "Rejection": "policy_types.shape",
    "SameAsName": "policy_types.shape",
    "ServiceLimit": "policy_types.shape",
    "Setting": "policy_types.shape",
    "Timeline": "policy_types.shape",
    "Values": "policy_types.shape",
    "When": "policy_types.shape",
    "Registry": "policy_types",
    "found_by": "admission",
    # Write a command
    "Command": "entry_points",
    "Page": "entry_points",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'policylint' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"policylint.{home}"), name)
    return found
