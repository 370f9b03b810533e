"""What a project's own settings change of a run, in words: whoever reviews a change is to see that checks are off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from policylint.choice import Configuration, accounts_of, pick
from policylint.findings import Severity
from policylint.organization import Organization
from policylint.report import Setting, SuppressedFinding
from policylint.rules import Rule
from policylint.wording import counted, listed

QUIETER = tuple(Severity)  # the loudest first


def settings_of(
    rules: Mapping[str, Rule],
    configuration: Configuration,
    suppressed: Iterable[SuppressedFinding],
    organization: Organization | None,
    *,
    given: Iterable[str] = (),
) -> tuple[Setting, ...]:
    """What a configuration, a baseline and ignores change, each with where it comes from; in a stable order.

    `rules` are all there are. `given` names the keys of the configuration for which the command line said something
    else (`profile`, `select`, `fail_on`), so that the file has no say in them.
    """
    by_source = Counter((one.source, one.kind) for one in suppressed)
    source = _source(configuration)
    effects = list(_effects(rules, configuration, organization, set(given)))
    if ignored := by_source.pop((configuration.path, "external"), 0):
        effects.append(f"suppresses {counted(ignored, 'finding')}")
    found = [Setting(source, listed(effects))] if effects else []
    in_source = {path: number for (path, kind), number in by_source.items() if kind == "inSource"}
    found += [
        Setting(path, f"suppresses {counted(number, 'finding')}")
        for (path, kind), number in sorted(by_source.items())
        if kind != "inSource"
    ]
    if in_source:
        number, files = sum(in_source.values()), len(in_source)
        where = next(iter(in_source)) if files == 1 else f"{files} policies"
        found.append(Setting("comments", f"in {where} suppress {counted(number, 'finding')}"))
    return tuple(found)


def _source(configuration: Configuration) -> str:
    return f"{configuration.path} [tool.policylint]" if configuration.path.endswith(".toml") else configuration.path


def _effects(
    rules: Mapping[str, Rule], configuration: Configuration, organization: Organization | None, given: set[str]
) -> Iterator[str]:
    if not configuration.path:
        return
    if "select" not in given:  # what is selected there is the whole choice
        usual = pick(rules, Configuration(profile=configuration.profile if "profile" in given else "recommended"))
        chosen = pick(rules, configuration)
        yield from _differences(usual, chosen)
    for override in configuration.overrides:
        # Files on their own have no accounts; and what is selected takes no overrides, but exceptions.
        if organization and ("select" not in given or override.excepted):
            named = accounts_of(organization, override)
            accounts = counted(sum(stop - start for start, stop in named), "account")
            if not named:
                continue  # which is reported, and changes nothing
            off = sum(setting in ("off", False) for setting in override.settings.values())
            other = len(override.settings) - off
            if off:
                yield f"turns {counted(off, 'rule')} off for {accounts}"
            if other:
                yield f"sets {counted(other, 'rule')} for {accounts}"
    if "fail_on" not in given and configuration.fail_on != "error":
        never = configuration.fail_on == "never"
        yield "never fails" if never else f"fails from {configuration.fail_on}s on"


def _differences(usual: Mapping[str, Rule], chosen: Mapping[str, Rule]) -> Iterator[str]:
    both = usual.keys() & chosen.keys()
    steps = [QUIETER.index(chosen[name].severity) - QUIETER.index(usual[name].severity) for name in both]
    options = [name for name in both if chosen[name].options != usual[name].options]
    for number, form in (
        (len(usual.keys() - chosen.keys()), "turns {} off"),
        (len(chosen.keys() - usual.keys()), "turns {} on"),
        (sum(step > 0 for step in steps), "makes {} quieter"),
        (sum(step < 0 for step in steps), "makes {} louder"),
        (len(options), "sets the options of {}"),
    ):
        if number:
            yield form.format(counted(number, "rule"))
