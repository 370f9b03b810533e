"""What each policy type looks like: containers, settings, allowed values, quotas; data, not code."""

from __future__ import annotations

from policylint.policy_types.ai_opt_out import AI_OPT_OUT
from policylint.policy_types.backup import BACKUP
from policylint.policy_types.chat import CHAT
from policylint.policy_types.limits import LIMITS
from policylint.policy_types.others import OTHERS
from policylint.policy_types.registry import Registry, UnknownPolicyType
from policylint.policy_types.shape import PolicyType
from policylint.policy_types.tag import TAG

__all__ = ["DEFAULT_TYPE", "POLICY_TYPES", "Registry", "UnknownPolicyType", "policy_type"]

# The built-in types. A run has a registry of its own, with those of plugins too: `Host.types`.
POLICY_TYPES = Registry((BACKUP, TAG, AI_OPT_OUT, CHAT, *OTHERS, *LIMITS))
DEFAULT_TYPE = BACKUP.enum  # what is meant where no type is named


def policy_type(name: str) -> PolicyType:
    """The built-in type of a name. Raises UnknownPolicyType."""
    return POLICY_TYPES.named(name)
