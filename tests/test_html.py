"""The HTML page in a real browser: what people see, find and follow, by mouse, by keyboard and by screen reader."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import HOW, launched
from generate import Size, generate

from policylint.cli import main

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

ROOT = Path(__file__).parent.parent
ACME = "fixtures/acme/"
AT = ("--at", "2026-11-23T08:00:00Z", "--fail-on", "never", "--format", "html")
PAYMENTS, PLAYGROUND = "#account=222222222222", "#account=555555555555"
PROD = "#file=fixtures/acme/policies/backup/prod.json&line=8"
EVIL = "<script>alert(1)</script>"
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        found = launched(playwright)
        if found is None and os.environ.get("POLICYLINT_BROWSER") == "required":
            pytest.fail(HOW)
        if found is None:
            pytest.skip(HOW)
        yield found
        found.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Open]:
    """Opens a report; whatever the page asks the network for, logs as an error or throws fails the test."""
    contexts: list[Any] = []
    trouble: list[str] = []

    def open_(report: Path, address: str = "", width: int = 1280, height: int = 900, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type in ("error", "warning") and trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or trouble.append(asked.url))
        page.goto(report.as_uri() + address)
        page.wait_for_selector("body:not(.loading)")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert trouble == []


def rendered(folder: str, to: Path) -> Path:
    assert main([folder, *AT, "--output", str(to)]) == 0
    return to


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return rendered(ACME, tmp_path_factory.mktemp("acme") / "page.html")


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An organization whose every name is an attack, or awkward to show."""
    folder = tmp_path_factory.mktemp("evil")
    policies = folder / "policies" / "backup"
    policies.mkdir(parents=True)
    plan = {
        EVIL: {"regions": {"@@assign": [EVIL, "<!--", "\u2028\u2029", "\u202egnirts", "\ud800"]}, "rules": {EVIL: {}}}
    }
    for name in (EVIL, "x" * 150):
        path = policies / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"plans": plan}))
    account = {"id": "222222222222", "name": EVIL, "policies": [f"backup/{EVIL}"]}
    long = {"id": "333333333333", "name": "a-very-long-name" * 12, "policies": [f"backup/{'x' * 150}"]}
    unit = {
        "name": EVIL,
        "policies": [f"backup/{EVIL}"],
        "accounts": [account, long, {"id": "1", "name": "\u2028\x1b["}],
    }
    (folder / "organization.json").write_text(json.dumps({"root": {"organizational_units": [unit]}}))
    return rendered(str(folder), folder / "page.html")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    generate(folder, Size(accounts=6_000, units=4, policies=12, policy_bytes=2_000, faulty=1))
    return rendered(str(folder), folder / "page.html")


def item(page: Any, name: str) -> Any:
    return page.get_by_role("treeitem", name=re.compile(f"^{name}, "))


def address(page: Any) -> str:
    return str(page.evaluate("decodeURIComponent(location.hash)"))


# ---- the tree ----------------------------------------------------------------------------------------------


def test_the_tree_tells_the_health_of_each_node(acme: Path, open_page: Open) -> None:
    page = open_page(acme)
    names = [one.get_attribute("aria-label") for one in page.get_by_role("treeitem").all()]
    assert names == [
        "Root, organizational unit, 5 accounts, 4 errors, 2 warnings, 5 notes",
        "Workloads, organizational unit, 3 accounts, 1 error, 1 warning, 2 notes",
        "Prod, organizational unit, 2 accounts, 1 error, 1 warning, 2 notes",
        "payments, account 222222222222, 1 error, 1 warning, 2 notes",
        "orders, account 333333333333, 1 error, 2 notes",
        "Test, organizational unit, 1 account, 2 notes",
        "integration, account 444444444444, 2 notes",
        "Sandbox, organizational unit, 1 account, 3 errors, 1 warning, 5 notes",
        "playground, account 555555555555, 3 errors, 1 warning, 5 notes",
        "management, account 111111111111, 2 notes",
    ]


def test_drilling_down_to_an_account(acme: Path, open_page: Open) -> None:
    page = open_page(acme)
    item(page, "Prod").locator(".twisty").first.click()
    expect(item(page, "payments")).to_have_count(0)
    item(page, "Prod").locator(".twisty").first.click()
    item(page, "payments").click()
    expect(page.get_by_role("heading", level=2, name="payments 222222222222")).to_be_visible()
    assert address(page) == PAYMENTS
    assert item(page, "payments").get_attribute("aria-selected") == "true"
    page.get_by_role("navigation", name="Above").get_by_role("link", name="Prod").click()
    expect(page.get_by_text("2 accounts in and below this unit")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=2, name="payments")).to_be_visible()


def test_only_what_is_expanded_is_on_the_page(large: Path, open_page: Open) -> None:
    page = open_page(large)
    assert page.get_by_role("treeitem").count() < 250
    rest = page.locator(".node.rest").first
    before = page.locator(".node.account").count()
    expect(rest).to_have_text(re.compile(r"and [\d,]+ more"))
    rest.click()
    expect(page.locator(".node.account")).to_have_count(before + 200)


def test_an_account_behind_many_is_shown_in_the_tree(large: Path, open_page: Open) -> None:
    page = open_page(large)
    wanted = page.evaluate("JSON.parse(document.getElementById('data').textContent).organization.accounts[900]")
    page.get_by_role("searchbox").fill(wanted[0])
    page.locator("#results a").first.click()
    page.get_by_role("searchbox").fill("")
    selected = page.locator('[aria-selected="true"]')
    expect(selected).to_have_attribute("aria-label", re.compile(f"^{wanted[1]}, "))
    expect(selected.locator(".row")).to_be_in_viewport()


# ---- search and filters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "group", "first"),
    [
        ("4444", "Accounts", "integration"),
        ("PAYM", "Accounts", "payments"),
        ("workloads/test", "Organizational units", "Test"),
        ("backup/sand", "Policies", "backup/sandbox"),
        ("unknown-f", "Rules", "unknown-field"),
    ],
)
def test_search(acme: Path, open_page: Open, text: str, group: str, first: str) -> None:
    page = open_page(acme)
    page.get_by_role("searchbox").fill(text)
    section = page.locator("#results section").filter(has=page.get_by_role("heading", name=group))
    section.get_by_role("link").first.click()
    expect(page.locator("#details h2")).to_contain_text(first)


def test_search_results_are_capped(large: Path, open_page: Open) -> None:
    page = open_page(large)
    page.get_by_role("searchbox").fill("-prod-")
    section = page.locator("#results section").first
    expect(section.locator(".rest")).to_have_text(re.compile(r"^and [\d,]+ more$"))
    assert section.get_by_role("link").count() == 20
    expect(page.get_by_role("status")).to_have_text(re.compile(r"[\d,]+ results"))


def test_filters_are_kept_in_the_address(acme: Path, open_page: Open) -> None:
    page = open_page(acme)
    expect(page.locator("article.finding")).to_have_count(11)
    page.get_by_role("checkbox", name="note 5").uncheck()
    page.get_by_role("checkbox", name="withheld").uncheck()
    page.get_by_role("searchbox").fill("pay")
    expect(page.locator("#results a")).to_have_count(2)
    assert address(page) == "#q=pay&severity=error,warning&outcome=rejected,ignored,fails,risk"
    for _ in range(2):
        expect(page.locator("article.finding")).to_have_count(4)
        expect(page.get_by_role("checkbox", name="note 5")).not_to_be_checked()
        expect(page.get_by_role("searchbox")).to_have_value("pay")
        page.reload()
    page.get_by_role("searchbox").fill("")
    expect(item(page, "integration")).to_have_attribute(
        "aria-label", "integration, account 444444444444, 2 hidden by filters"
    )
    page.get_by_role("checkbox", name="only with findings").check()
    expect(item(page, "integration")).to_have_count(0)
    expect(item(page, "payments")).to_have_count(1)
    item(page, "payments").click()
    assert "severity=error,warning" in address(page)


def test_filters_paint_nothing_green(acme: Path, open_page: Open) -> None:
    """A green sign says that there is nothing, and not that nothing is shown."""
    page = open_page(acme)
    page.get_by_role("checkbox", name="note 5").uncheck()
    calm, loud = item(page, "integration").locator(".badges"), item(page, "payments").locator(".badges")
    expect(calm).to_have_text("2 hidden by filters")
    expect(loud).to_have_text("112")  # an error, a warning, two hidden notes
    expect(loud.locator(".unshown")).to_have_attribute("title", "2 hidden by filters")
    expect(item(page, "payments")).to_have_attribute("aria-label", re.compile("1 warning, 2 hidden by filters$"))
    item(page, "integration").click()
    expect(page.locator("#details .nothing")).to_have_text("2 hidden by filters.")
    expect(page.locator("#details article.finding")).to_have_count(0)
    page.get_by_role("searchbox").fill("integration")
    expect(page.locator("#results .badges")).to_have_text("2 hidden by filters")
    expect(page.locator(".icon.good")).to_have_count(0)
    page.get_by_role("checkbox", name="note 5").check()
    expect(page.locator(".icon.hidden")).to_have_count(0)


def test_each_view_says_how_many_findings_the_filters_hide(acme: Path, open_page: Open) -> None:
    page = open_page(acme)
    for view, hidden in (("", 11), (PAYMENTS, 4), (PROD, 1), ("#rule=short-retention", 1)):
        page.goto(acme.as_uri() + (view or "#") + "&severity=")
        expect(page.locator("#details .nothing").last).to_have_text(f"{hidden} hidden by filters.")
        expect(page.locator(".icon.good")).to_have_count(0)


def test_a_green_sign_says_that_there_are_no_findings(clean: str, tmp_path: Path, open_page: Open) -> None:
    page = open_page(rendered(clean, tmp_path / "page.html"), "#severity=error")
    expect(page.locator("#details .nothing")).to_have_text("No findings.")
    assert page.locator(".icon.good").count() > 1


def test_what_is_not_checked_is_not_green(clean: str, tmp_path: Path, open_page: Open) -> None:
    path = Path(clean, "policies", "scp", "deny.json")
    path.parent.mkdir()
    path.write_text("{}")
    page = open_page(rendered(clean, tmp_path / "page.html"), f"#file={path.as_posix()}")
    expect(page.locator("#details .nothing")).to_have_text("The content of policies of this type is not checked.")
    expect(page.locator("#details .icon.good")).to_have_count(0)


# ---- findings ----------------------------------------------------------------------------------------------


def test_a_finding_leads_to_its_place_its_accounts_and_its_card(acme: Path, open_page: Open) -> None:
    page = open_page(acme)
    card = page.locator("article.finding").filter(has_text="locked-operator")
    expect(card.locator("mark")).to_have_text('"payments-only"')
    expect(card.get_by_role("link", name="payments", exact=True)).to_be_visible()
    expect(card.get_by_role("link", name="About this rule")).to_have_attribute(
        "href", re.compile(r"rules/override/locked-operator\.md$")
    )
    card.get_by_role("link", name="baseline.json:10").click()
    expect(page.locator(".lit code")).to_have_text(re.compile("@@operators_allowed_for_child_policies"))


def test_files_alone_are_listed_with_their_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.json").write_text('{"plans": {"p": {"regions": 1}}}')
    page = open_page(rendered("policy.json", tmp_path / "page.html"))
    expect(page.get_by_role("heading", name="policy.json", exact=True)).to_be_visible()
    assert page.locator("article.finding").count() > 0
    expect(page.get_by_role("tree")).not_to_be_visible()
    page.locator("article.finding .place a").first.click()
    expect(page.locator(".lit")).to_contain_text("plans")


# ---- effective policies and backups ------------------------------------------------------------------------


def entry(page: Any, name: str) -> Any:
    return page.locator(".key").filter(has_text=re.compile(f"^{name}$")).locator("xpath=..")


def test_each_value_is_linked_to_the_line_that_set_it(acme: Path, open_page: Open) -> None:
    page = open_page(acme, PAYMENTS)
    line = entry(page, "delete_after_days")
    expect(line.locator(".set .value")).to_have_text("90")
    expect(line.locator(".set a")).to_have_text("backup/prod:8")
    line.locator(".set a").click()
    expect(page.locator("#details h2")).to_contain_text("backup/prod")
    expect(page.locator(".lit .number")).to_have_text("8")
    expect(page.locator(".lit code")).to_contain_text('"delete_after_days": {"@@assign": "90"}')
    expect(page.locator(".lit")).to_be_in_viewport()


def test_what_has_no_effect_is_struck_out_with_the_reason(acme: Path, open_page: Open) -> None:
    page = open_page(acme, PAYMENTS)
    locked = entry(page, "target_backup_vault_name").locator(".overruled")
    expect(locked.locator("del")).to_have_text("payments-only")
    expect(locked.locator(".reason")).to_have_text(
        re.compile("ignored: backup/baseline allows no operator here\\s+backup/baseline:10")
    )
    expect(locked.locator("del")).to_have_css("text-decoration-line", "line-through")
    replaced = entry(page, "delete_after_days").locator(".overruled")
    expect(replaced).to_have_text(re.compile("35 backup/baseline:12replaced by backup/prod:8"))


def test_a_rejected_policy_is_marked_on_the_way(acme: Path, open_page: Open) -> None:
    page = open_page(acme, PLAYGROUND)
    marked = page.locator(".way li").filter(has_text="rejected by AWS")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("backup/sandbox")
    box = page.locator(".box.rejected")
    expect(box).to_contain_text("'to_delete_after_days'")
    expect(box).to_contain_text("with the safe fixes applied. What AWS serves is not known")
    expect(open_page(acme, PAYMENTS).locator(".rejected")).to_have_count(0)


def test_a_withheld_policy_says_so(acme: Path, open_page: Open) -> None:
    page = open_page(acme, PLAYGROUND)
    expect(page.locator(".effective .box.error").last).to_contain_text("AWS would still withhold this policy")
    expect(open_page(acme, PAYMENTS).locator(".effective .box.error")).to_have_count(0)


def test_the_timeline_tells_runs_and_how_long_each_is_kept(acme: Path, open_page: Open) -> None:
    page = open_page(acme, PAYMENTS)
    lane = page.locator("article.lane")
    expect(lane.get_by_role("img")).to_have_attribute(
        "aria-label",
        "42 backups, the first on Tue, 24 Nov 2026 at 02:00, the last on Mon, 4 Jan 2027 at 02:00 UTC; "
        "each kept 90 days, cold after 30 days.",
    )
    lane.get_by_text("42 runs").click()
    expect(lane.get_by_role("row").nth(1)).to_have_text("Tue, 24 Nov 2026, 02:00Thu, 24 Dec 2026Mon, 22 Feb 2027")
    first = lane.locator("rect").first
    assert float(first.get_attribute("x")) == pytest.approx(0.75)
    assert float(first.get_attribute("width")) == 30


# ---- for everybody -----------------------------------------------------------------------------------------


def test_the_keyboard_alone_suffices(acme: Path, open_page: Open) -> None:
    page = open_page(acme)
    stops = []
    for _ in range(20):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.getAttribute('role') || document.activeElement.id"))
        if stops[-1] == "treeitem":
            break
    assert stops[:2] == ["skip", "search"]
    assert stops.count("treeitem") == 1
    for key in ("ArrowDown", "ArrowLeft", "ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#details h2")).to_contain_text("payments")
    focused = page.locator('[role="treeitem"]:focus > .row')
    expect(focused).to_have_css("outline-style", "solid")
    page.keyboard.press("Tab")  # the tree is one stop; the next is in the details
    assert page.evaluate("document.getElementById('details').contains(document.activeElement)")
    page.get_by_role("link", name="backup/prod:8").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".lit .number")).to_have_text("8")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    page.get_by_role("searchbox").focus()
    page.keyboard.type("orders")
    expect(page.locator("#results a")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#details h2")).to_contain_text("orders")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(acme: Path, open_page: Open, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = open_page(acme, color_scheme=scheme)
    for view in (
        "",
        PAYMENTS,
        PLAYGROUND,
        "#unit=Root/Workloads",
        PROD,
        "#rule=short-retention",
        "#q=pay",
        "#severity=error",
    ):
        page.goto(acme.as_uri() + view)
        page.evaluate("for (const closed of document.querySelectorAll('details')) closed.open = true")
        found = axe.Axe().run(page).response["violations"]
        barriers = [one for one in found if one["impact"] in ("serious", "critical")]
        assert [(view, one["id"], [node["html"] for node in one["nodes"]]) for one in barriers] == []


@pytest.mark.parametrize("which", ["acme", "evil"])
def test_a_phone_shows_all_without_scrolling_sideways(
    request: pytest.FixtureRequest, open_page: Open, which: str
) -> None:
    report = request.getfixturevalue(which)
    page = open_page(report, width=360, height=740, has_touch=True)
    for view in ("", PAYMENTS, "#account=333333333333", f"#unit=Root/{EVIL}", PROD, "#q=a", "#severity="):
        page.goto(report.as_uri() + view)
        assert (view, page.evaluate("document.documentElement.scrollWidth")) == (view, 360)
    page.goto(report.as_uri() + PAYMENTS)
    expect(page.get_by_role("tree")).not_to_be_visible()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("tree")).to_be_visible()


def test_names_are_text(evil: Path, open_page: Open) -> None:
    page = open_page(evil)
    unit, account = page.locator(".node.unit > .row").last, page.locator(".node.account > .row").first
    expect(unit).to_contain_text(EVIL)
    account.click()
    expect(page.locator("#details h2")).to_contain_text(EVIL)
    details = page.locator("#details")
    expect(details.get_by_text(f"backup/{EVIL}", exact=True).first).to_be_visible()
    expect(details.locator("summary").first).to_have_text(EVIL)
    page.goto(f"{evil.as_uri()}#account=333333333333")
    expect(entry(page, "regions").locator(".set .value")).to_have_text(
        [EVIL, "<!--", "\\u2028\\u2029", "\\u202egnirts", "\\ud800"]
    )
    details.get_by_role("link", name="xxx").first.click()
    expect(page.locator(".listing")).to_contain_text(EVIL)
    assert page.evaluate("document.scripts.length") == 2
    raw = evil.read_text(encoding="utf-8")
    assert raw.count("</script>") == 2
    assert "\u2028" not in raw


def test_nothing_but_the_pages_own_script_may_run(acme: Path, browser: Any) -> None:
    page = browser.new_page()
    page.goto(acme.as_uri())
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.stranger = 1'}))"
    )
    assert page.evaluate("window.stranger") is None
    page.close()


def test_print_opens_what_is_closed(acme: Path, open_page: Open) -> None:
    page = open_page(acme, PAYMENTS)
    page.locator(".entry > summary").first.click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.get_by_text("arn:aws:iam::$account:role/Backup")).to_be_visible()
    expect(page.get_by_role("searchbox")).not_to_be_visible()


def test_an_address_of_something_gone_says_so(acme: Path, open_page: Open) -> None:
    page = open_page(acme, "#account=999999999999")
    expect(page.locator("#details")).to_contain_text("Nothing in this report is named 999999999999.")
