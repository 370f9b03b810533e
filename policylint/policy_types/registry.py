"""Which policy types there are in a run: the built-in ones, and those that plugins bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from policylint.errors import UnknownName
from policylint.policy_types.shape import PolicyType, stem
from policylint.wording import nearest


class UnknownPolicyType(UnknownName):
    """No policy type has this name; `nearest` is the most similar short name, or empty."""

    def __init__(self, name: str, known: Iterable[PolicyType]) -> None:
        names = [kind.folder for kind in known]
        near = nearest(name.lower(), names)
        hint = f"Did you mean '{near}'?" if near else f"Known are {', '.join(names)}."
        super().__init__(f"'{name}' is not a policy type. {hint}", nearest=near)


class Registry(Mapping[str, PolicyType]):
    """Policy types by AWS's name, such as BACKUP_POLICY. It never changes: more types make another registry."""

    # Compared by identity, as types are: a run has one.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(self, types: Iterable[PolicyType]) -> None:
        self._types = {kind.enum: kind for kind in types}

    def __getitem__(self, enum: str) -> PolicyType:
        return self._types[enum]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)

    def __repr__(self) -> str:
        return f"Registry({', '.join(self._types)})"

    def with_types(self, more: Iterable[PolicyType]) -> Registry:
        """These types and more; one that has the name of a known type takes its place."""
        return Registry({**self._types, **{kind.enum: kind for kind in more}}.values())

    def named(self, name: str) -> PolicyType:
        """The type of a short name (`backup`), of AWS's enum (`BACKUP_POLICY`) or title, in any case and also plural.

        Raises UnknownPolicyType.
        """
        found = self._by_stem.get(stem(name))
        if found is None:
            raise UnknownPolicyType(name, self._types.values())
        return found

    def enum_of(self, name: str) -> str:
        """AWS's name of a type, however it is spelt; the name as it is where no type has it (a plugin may bring one)."""
        found = self._by_stem.get(stem(name))
        return found.enum if found else name

    def by_top_key(self, key: str) -> PolicyType | None:
        """The type whose documents have this top key, in any case. Those that are not checked have none."""
        return self._by_top_key.get(key.lower())

    @cached_property
    def _by_stem(self) -> dict[str, PolicyType]:
        return {name: kind for kind in reversed(self._types.values()) for name in kind.stems}

    @cached_property
    def _by_top_key(self) -> dict[str, PolicyType]:
        return {kind.top_key: kind for kind in reversed(self._types.values()) if kind.checked}
