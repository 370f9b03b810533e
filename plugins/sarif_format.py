"""The report for GitHub code scanning: SARIF 2.1.0 with a single run, the same for the same input.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
GitHub's side: https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from policylint.findings import Finding, Place, Related, Severity
from policylint.printing import json_text, printable
from policylint.report import Rendered, Report, Setting, SuppressedFinding

from .card_links import PROJECT
from .repository_paths import Paths
from .sarif_fixes import fixes
from .sarif_rules import descriptor
from .sarif_taxonomies import supported, taxonomies
from .sarif_text import escaped, sentence
from .wording import reached

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
# GitHub's limits: of more results, related locations or extensions it keeps these, or rejects the file.
MOST_RESULTS = 5000
MOST_RELATED = 100
MOST_EXTENSIONS = 100
LINKED = 3  # so many related places are linked in a message; the others are below it


def render(report: Report) -> Rendered:
    """The whole log as one JSON text that ends with a newline; notices say what it had to leave out."""
    paths = Paths(report.named)
    rules = sorted(report.rules)
    places = {rule_id: index for index, rule_id in enumerate(rules)}
    kept = _worst(report.findings)
    results = [_result(report, paths, finding, places[finding.rule]) for finding in kept]
    if report.show_suppressed:
        results += [_suppressed(report, paths, one, places[one.finding.rule]) for one in report.suppressed]
    notices = list(_notices(report, paths, kept))
    run: dict[str, Any] = {
        "tool": _tool(report, [descriptor(report.rules[rule_id]) for rule_id in rules]),
        "invocations": [_invocation(report, notices)],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The top folder of the repository."}}},
        # Up to the last slash it is the category, which distinguishes these alerts from those of other uploads.
        "automationDetails": {"id": "policylint/"},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    if report.summary.settings:
        run["properties"] = {"settings": [_setting(one) for one in report.summary.settings]}
    if found := taxonomies(report.rules.values()):
        run["tool"]["driver"]["supportedTaxonomies"] = supported(found)
        run["taxonomies"] = found
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return Rendered([json_text(log, indent=2) + "\n"], tuple(notices))


def _tool(report: Report, rules: list[dict[str, Any]]) -> dict[str, Any]:
    number = version("policylint")
    driver = {
        "name": "policylint",
        "version": number,
        "semanticVersion": number,
        "informationUri": PROJECT,
        "rules": rules,
    }
    extensions = [
        {"name": printable(name), **({"version": printable(number)} if number else {})}
        for name, number in report.plugins[:MOST_EXTENSIONS]
    ]
    return {"driver": driver, "extensions": extensions} if extensions else {"driver": driver}


def _invocation(report: Report, notices: list[str]) -> dict[str, Any]:
    """How the run went. No times, folders or command lines: they differ from run to run."""
    told = [("error", text) for text in report.failures] + [("warning", text) for text in notices]
    told += [("note", text) for text in (report.alone_line, report.settings_line) if text]
    return {
        "executionSuccessful": not report.failures,
        "exitCode": report.exit_code,
        "toolExecutionNotifications": [
            {"level": level, "message": {"text": escaped(sentence(printable(text)))}} for level, text in told
        ],
    }


def _setting(one: Setting) -> dict[str, str]:
    return {"source": printable(one.source), "effect": printable(one.effect)}


def _worst(findings: list[Finding]) -> list[Finding]:
    """As many findings as GitHub keeps, the worst of them, in the order of the report."""
    if len(findings) <= MOST_RESULTS:
        return findings
    loudness = {severity: index for index, severity in enumerate(Severity)}
    by_severity = sorted(range(len(findings)), key=lambda index: loudness[findings[index].severity])
    return [findings[index] for index in sorted(by_severity[:MOST_RESULTS])]


def _notices(report: Report, paths: Paths, kept: list[Finding]) -> Iterator[str]:
    """What the reader of the alerts would not learn from them."""
    if len(report.findings) > len(kept):
        yield (
            f"GitHub keeps {MOST_RESULTS:,} results; the SARIF has the worst {MOST_RESULTS:,} "
            f"of {len(report.findings):,}."
        )
    on_one_line = Counter(f.place.document.path for f in kept if "\n" not in f.place.document.source.whole.strip())
    for path, number in on_one_line.items():
        if number > 1:
            yield (
                f"The {number} findings in '{path}' are on its only line. GitHub may merge several into one. "
                f"Format the file over several lines."
            )
    yield from paths.notices("GitHub")


def _result(report: Report, paths: Paths, finding: Finding, index: int) -> dict[str, Any]:
    related = finding.related[:MOST_RELATED]
    found: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": _message(finding, related)},
        "locations": [{"physicalLocation": _physical(report, paths, finding.place)}],
    }
    if related:
        found["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": escaped(sentence(printable(one.message)))},
                "physicalLocation": _physical(report, paths, one.place),
            }
            for number, one in enumerate(related, 1)
        ]
    if mended := fixes(finding, found["locations"][0]["physicalLocation"]["artifactLocation"]):
        found["fixes"] = mended
    found["partialFingerprints"] = {"policylint/v1": report.fingerprint(finding)}
    found["properties"] = _properties(finding)
    return found


def _suppressed(report: Report, paths: Paths, one: SuppressedFinding, index: int) -> dict[str, Any]:
    """A suppressed finding, for readers who want them: GitHub would raise alerts for it all the same."""
    suppression = {"kind": one.kind, "justification": printable(one.reason)}
    return {**_result(report, paths, one.finding, index), "suppressions": [suppression]}


def _message(finding: Finding, related: tuple[Related, ...]) -> str:
    """What is wrong, whom it reaches and links to the related places; the first sentence is the alert's title."""
    parts = [escaped(printable(finding.message)), escaped(reached(finding.accounts, "'"))]
    if related:
        parts.append(f"See: {', '.join(_links(related[:LINKED]))}.")
    text = " ".join(filter(None, parts))
    # GitHub wants a sentence with a period at the end; a hint such as "Did you mean 'x'?" has none.
    return text if text.endswith(".") else f"{text} The rule is '{finding.rule}'." if text[-1] in "?!" else f"{text}."


def _links(related: tuple[Related, ...]) -> Iterator[str]:
    told = set()
    for number, one in enumerate(related, 1):
        text = "here too" if one.message in told else escaped(printable(one.message))
        told.add(one.message)
        yield f"[{text}]({number})"


def _physical(report: Report, paths: Paths, place: Place) -> dict[str, Any]:
    where = report.where(place)
    return {
        "artifactLocation": {"uri": paths.uri(where.path), "uriBaseId": ROOT},
        "region": {
            "startLine": where.line,
            "startColumn": where.column,
            "endLine": where.end_line,
            "endColumn": where.end_column,
        },
    }


def _properties(finding: Finding) -> dict[str, Any]:
    """What GitHub does not show, for other readers."""
    accounts = finding.accounts
    properties: dict[str, Any] = {"outcome": str(finding.outcome)}
    if finding.policy_type:
        properties["policyType"] = finding.policy_type
    properties["accounts"] = {
        "count": accounts.count,
        "organizationalUnits": [printable(path) for path in accounts.organizational_units],
        "ids": [printable(name) for name in accounts.ids],
    }
    if finding.aws:
        properties["aws"] = {
            "ErrorCode": finding.aws.error_code,
            "PathToError": printable(finding.aws.path_to_error),
        }
    return properties
