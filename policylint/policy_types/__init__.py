"""What each policy type looks like: containers, settings, allowed values, quotas; data, not code."""

from __future__ import annotations

from policylint.policy_types.ai_opt_out import AI_OPT_OUT
from policylint.policy_types.backup import BACKUP
from policylint.policy_types.chat import CHAT
from policylint.policy_types.limits import LIMITS
from policylint.policy_types.others import OTHERS
from policylint.policy_types.shape import PolicyType
from policylint.policy_types.tag import TAG
from policylint.wording import nearest

POLICY_TYPES: dict[str, PolicyType] = {t.enum: t for t in (BACKUP, TAG, AI_OPT_OUT, CHAT, *OTHERS, *LIMITS)}


class UnknownPolicyType(LookupError):
    """No policy type has this name; `nearest` is the most similar short name, or empty."""

    def __init__(self, name: str) -> None:
        names = [t.folder for t in POLICY_TYPES.values()]
        self.nearest = nearest(name.lower(), names)
        hint = f"Did you mean '{self.nearest}'?" if self.nearest else f"Known are {', '.join(names)}."
        super().__init__(f"'{name}' is not a policy type. {hint}")


def policy_type(name: str) -> PolicyType:
    """The type of a short name (`backup`), of AWS's enum (`BACKUP_POLICY`) or title, in any case and also plural.

    Raises UnknownPolicyType.
    """
    for known in POLICY_TYPES.values():
        if known.is_named(name):
            return known
    raise UnknownPolicyType(name)


def enum_of(name: str) -> str:
    """AWS's name of a type, however it is spelt; the name as it is where no type has it (a plugin may bring one)."""
    try:
        return policy_type(name).enum
    except UnknownPolicyType:
        return name


def by_top_key(key: str) -> PolicyType | None:
    """The type whose documents have this top key, in any case. Those that are not checked have none."""
    return next((t for t in POLICY_TYPES.values() if t.checked and t.top_key == key.lower()), None)


def register_policy_type(new: PolicyType) -> None:
    """Make a type known, or describe a known one better."""
    POLICY_TYPES[new.enum] = new
