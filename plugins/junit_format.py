"""The report for whatever shows test results (Jenkins, GitLab, Azure Pipelines …): JUnit's XML.

There is no standard; this is what the schema of Jenkins' xUnit plugin takes:
https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from xml.etree import ElementTree

from policylint import Finding, Location, Report, printable

from .repository_paths import Paths
from .wording import told


def render(report: Report) -> Iterator[str]:
    """A suite for each file with findings and a failed case for each of them; a clean run has a case that passes.

    XML 1.0 can't hold most control characters; `printable` makes all of them visible.
    """
    paths = Paths(report.named)
    number = len(report.findings)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="policylint" tests="{number or 1}" failures="{number}" errors="0">\n'
    located = ((finding, report.where(finding.place)) for finding in report.findings)
    told = {"alone": report.alone_line, "settings": report.settings_line}
    for path, findings in groupby(located, key=lambda found: found[1].path):
        yield _text(_failed(printable(paths.relative(path)), list(findings)), told)
    if not number:
        yield _text(_passed(), told)
    yield "</testsuites>\n"


def _passed() -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", {"name": "policylint", "tests": "1", "failures": "0", "errors": "0"})
    ElementTree.SubElement(suite, "testcase", {"classname": "policylint", "name": "no findings"})
    return suite


def _failed(path: str, findings: list[tuple[Finding, Location]]) -> ElementTree.Element:
    number = str(len(findings))
    suite = ElementTree.Element(
        "testsuite", {"name": path, "tests": number, "failures": number, "errors": "0", "file": path}
    )
    suite.extend(_case(path, finding, where) for finding, where in findings)
    return suite


def _case(path: str, finding: Finding, where: Location) -> ElementTree.Element:
    spot = str(where.position)
    # Those who show results know a case from run to run by its name: a pointer stays when lines move.
    place = printable(where.pointer) if where.pointer and finding.place.span is None else spot
    case = ElementTree.Element("testcase", {"classname": path, "name": f"{finding.rule} at {place}"})
    failure = {"type": str(finding.severity), "message": printable(finding.message)}
    ElementTree.SubElement(case, "failure", failure).text = f"{path}:{spot}: {told(finding)} [{finding.rule}]"
    return case


def _text(suite: ElementTree.Element, told: dict[str, str]) -> str:
    if any(told.values()):
        properties = ElementTree.Element("properties")
        for name, value in told.items():
            if value:
                ElementTree.SubElement(properties, "property", {"name": name, "value": value})
        suite.insert(0, properties)
    ElementTree.indent(suite, level=1)
    return f"  {ElementTree.tostring(suite, encoding='unicode').rstrip()}\n"
