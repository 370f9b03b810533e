// The address has the state of the page: the search, the filters and the selected view. When it changes, the page is drawn.

const WIDE = matchMedia("(min-width: 60rem)");
const details = document.getElementById("details");
const searchBox = document.getElementById("search");
const onlyBox = document.getElementById("only");
let state = readAddress();

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const chosen = (name, all) => new Set(given.has(name) ? given.get(name).split(",").filter((one) => all.includes(one)) : all);
  return {
    q: given.get("q") ?? "",
    severity: chosen("severity", SEVERITIES),
    outcome: chosen("outcome", Object.keys(OUTCOMES)),
    only: given.get("only") === "1" && organization !== null,
    view: readView(given),
  };
}

function readView(given) {
  const finders = { account: accountKeys.find, unit: unitKeys.find, file: documentKeys.find };
  for (const [kind, find] of Object.entries(finders)) {
    if (!given.has(kind)) continue;
    const index = find(given.get(kind));
    if (index === undefined) return { kind: "missing", name: given.get(kind) };
    return { kind, index, line: kind === "file" ? Number(given.get("line")) || 0 : undefined };
  }
  return given.has("rule") ? { kind: "rule", name: given.get("rule") } : { kind: "all" };
}

/** The address of a view, or of the view that is shown with other filters. */
function addressOf(view, changes = {}) {
  const next = { ...state, ...changes };
  const address = new URLSearchParams();
  if (next.q) address.set("q", next.q);
  if (next.severity.size < SEVERITIES.length) address.set("severity", [...next.severity].join(","));
  if (next.outcome.size < Object.keys(OUTCOMES).length) address.set("outcome", [...next.outcome].join(","));
  if (next.only) address.set("only", "1");
  if (view.kind === "account") address.set("account", accountKeys.keyOf(view.index));
  if (view.kind === "unit") address.set("unit", unitKeys.keyOf(view.index));
  if (view.kind === "file") address.set("file", documentKeys.keyOf(view.index));
  if (view.line) address.set("line", view.line);
  if (view.kind === "rule") address.set("rule", view.name);
  return `#${address}`;
}

/** Change filters or the search: no new entry in the browser's history. */
function change(changes) {
  history.replaceState(null, "", addressOf(state.view, changes));
  update();
}

function update() {
  const before = state;
  state = readAddress();
  const sameFilters = ["severity", "outcome"].every((name) => [...before[name]].join() === [...state[name]].join());
  const moved = JSON.stringify(before.view) !== JSON.stringify(state.view);
  syncControls();
  if (moved) revealSelected();
  drawBrowser(moved || !sameFilters || before.only !== state.only);
  if (moved || (before.q && !state.q)) bringIntoView();
  if (moved || !sameFilters) drawDetails();
  if (moved) arrive();
}

// ---- the views ----

function drawBrowser(changed) {
  const searching = state.q.trim() !== "";
  if (changed || !tree.findings) drawTree();
  document.getElementById("browser").classList.toggle("searching", searching);
  tree.element.hidden = searching || !organization;
  document.getElementById("results").hidden = !searching;
  const total = searching ? drawResults(state.q) : 0;
  document.getElementById("status").textContent = searching ? counted(total, "result") : "";
}

const VIEWS = { all: overview, account: accountView, unit: unitView, file: fileView, rule: ruleView, missing: missingView };

function drawDetails() {
  document.body.classList.toggle("detailed", state.view.kind !== "all");
  const back = state.view.kind === "all" ? null : el("p", { class: "back" }, el("a", { href: addressOf({ kind: "all" }) }, "← Overview"));
  details.replaceChildren(...[back, ...VIEWS[state.view.kind](state.view)].flat(3).filter(Boolean));
  details.querySelector(".lit")?.scrollIntoView({ block: "center" });
}

/** After a link was followed: announce the view, and focus it unless the tree is in use. */
function arrive() {
  const heading = details.querySelector("h2");
  document.title = `${heading.textContent} – policylint`;
  document.getElementById("status").textContent = heading.textContent;
  if (WIDE.matches && tree.element.contains(document.activeElement)) return;
  heading.focus({ preventScroll: true });
  if (!details.querySelector(".lit")) window.scrollTo({ top: 0 });
}

function heading(kind, text, detail) {
  return el("h2", { tabindex: -1 }, kind ? icon(kind) : null, name(text), detail ? [" ", el("small", {}, name(detail))] : null);
}

function overview() {
  const sentences = el("ul", { class: "sentences" }, data.sentences.map((one) => el("li", {}, one)));
  return [heading("", "Findings"), sentences, findingGroups(data.findings)];
}

function crumbs(path) {
  return el("nav", { class: "crumbs", "aria-label": "Above" }, el("ol", {}, path.map((unit) => el("li", {}, link(unit, titleOf(unit))))));
}

function accountView({ index }) {
  const one = account(index);
  const path = unitsAbove(index);
  const found = reaching(data.findings, index, index + 1);
  const management = one.id && one.id === organization.management ? el("p", { class: "box" }, "This is the management account.") : null;
  return [
    crumbs(path),
    heading("account", titleOf(one), one.name ? one.id : ""),
    management,
    organization.types.map((type) => effectiveSection(type, index, [...path, one])),
    el("section", {}, el("h3", {}, "Findings that affect this account"), findingGroups(found, 4)),
  ];
}

function unitView({ index }) {
  const unit = units[index];
  const found = reaching(data.findings, unit.start, unit.stop);
  return [
    crumbs(unitsTo(unit).slice(0, -1)),
    heading("unit", titleOf(unit), unit.id),
    el("p", {}, `${counted(unit.stop - unit.start, "account")} in and below this unit, ${unit.own.toLocaleString("en")} of them directly in it.`),
    unit.policies.length
      ? el("p", {}, "Attached here: ", unit.policies.map((policy, i) => [i ? ", " : "", policyLink(policy)]))
      : el("p", {}, "No policy is attached here."),
    el("section", {}, el("h3", {}, "Findings that affect accounts here"), findingGroups(found, 4)),
  ];
}

function fileView({ index, line }) {
  const { path, lines } = data.documents[index];
  const found = data.findings.filter((one) => one.document === index);
  const policies = (organization?.policies ?? []).flatMap(([policyName, type, document, checked], i) => (document === index ? [{ policyName, type, checked, i }] : []));
  const unchecked = policies.length > 0 && !policies.some((policy) => policy.checked) && found.length === 0;
  const worst = new Map();
  for (const one of parted(found, state).shown) {
    if (!worst.has(one.line) || SEVERITIES.indexOf(one.severity) < SEVERITIES.indexOf(worst.get(one.line))) worst.set(one.line, one.severity);
  }
  return [
    heading("file", policies[0]?.policyName ?? path, policies[0] ? policies[0].type : ""),
    policies.length ? el("p", { class: "place" }, name(path, { class: "source" })) : null,
    policies.map(({ i }) => attachedTo(i)),
    lines
      ? el("ol", { class: "listing", "aria-label": `Lines of ${path}` }, lines.map((text, i) => listingLine(text, i + 1, line, worst.get(i + 1))))
      : el("p", { class: "nothing" }, "The file is too large to be shown here."),
    el("section", {}, el("h3", {}, "Findings in this file"), unchecked ? notChecked() : findingGroups(found, 4)),
  ];
}

/** For a policy whose content is not checked: no green sign. */
function notChecked() {
  return el("p", { class: "nothing" }, icon("hidden"), "The content of policies of this type is not checked.");
}

function listingLine(text, number, lit, severity) {
  return el(
    "li",
    { class: `${number === lit ? "lit" : ""} ${severity ?? ""}`, "aria-current": number === lit ? "true" : undefined },
    el("span", { class: "number" }, number),
    el("code", {}, text),
    severity ? [icon(severity), unseen(severity)] : null,
  );
}

function attachedTo(policy) {
  const targets = units.filter((unit) => unit.policies.includes(policy));
  for (const [index, policies] of Object.entries(organization.attached)) if (policies.includes(policy)) targets.push(account(Number(index)));
  if (!targets.length) return el("p", {}, "This policy is not attached to any unit or account.");
  return el("div", { class: "attached" }, el("p", {}, "Attached to:"),
    capped(targets, 8, (target) => el("li", {}, link(target, [icon(target.kind), name(target.path ?? titleOf(target))])), "targets"));
}

function ruleView({ name: rule }) {
  const known = data.rules[rule];
  const found = data.findings.filter((one) => one.rule === rule);
  return [
    heading("rule", rule),
    known ? el("p", {}, name(known.title), ".") : null,
    known?.card?.startsWith("http") ? el("p", { class: "card" }, el("a", { href: known.card, rel: "noreferrer" }, "The rule's card", unseen(`: ${rule}`))) : null,
    findingGroups(found),
  ];
}

function missingView(view) {
  return [heading("", "Not found"), el("p", { class: "nothing" }, "Nothing in this report is named ", name(view.name), ".")];
}

// ---- search and filters ----

function chips(field, names, kindOf, titles) {
  const counts = new Map();
  for (const one of data.findings) counts.set(one[field], (counts.get(one[field]) ?? 0) + 1);
  return names.map((value) => {
    const box = el("input", { type: "checkbox", name: field, value, onchange: () => {
      const chosen = new Set(state[field]);
      if (box.checked) chosen.add(value);
      else chosen.delete(value);
      // In the fixed order: the same filters have the same address.
      change({ [field]: new Set(names.filter((one) => chosen.has(one))) });
    } });
    return el("label", { class: `chip ${kindOf(value)}`, title: titles?.[value] }, box, kindOf(value) ? icon(value) : null, value, el("small", {}, (counts.get(value) ?? 0).toLocaleString("en")));
  });
}

function syncControls() {
  if (searchBox.value !== state.q) searchBox.value = state.q;
  onlyBox.checked = state.only;
  for (const box of document.querySelectorAll(".chip input[name]")) box.checked = state[box.name].has(box.value);
}

function summaryTiles() {
  const { accounts, policies, errors, warnings, notes, accepted, accounts_on_old_policy: old } = data.summary;
  const tile = (number, label, kind = "") => el("li", { class: `tile ${kind}` }, kind ? icon(kind) : null, el("strong", {}, number.toLocaleString("en")), " ", label);
  return [
    organization ? tile(accounts, accounts === 1 ? "account" : "accounts") : null,
    tile(policies, policies === 1 ? "policy" : "policies"),
    tile(errors, errors === 1 ? "error" : "errors", errors ? "error" : ""),
    tile(warnings, warnings === 1 ? "warning" : "warnings", warnings ? "warning" : ""),
    tile(notes, notes === 1 ? "note" : "notes", notes ? "note" : ""),
    old ? tile(old, "without the new policy", "error") : null,
    accepted ? tile(accepted, "accepted") : null,
  ].filter(Boolean);
}

function start() {
  document.getElementById("subject").textContent = data.named.join(", ");
  document.getElementById("tiles").append(...summaryTiles());
  document.getElementById("severities").append(...chips("severity", SEVERITIES, (value) => value));
  document.getElementById("outcomes").append(...chips("outcome", Object.keys(OUTCOMES), () => "", OUTCOMES));
  document.body.classList.toggle("files-only", !organization);
  const failures = data.failures.map((text) => el("p", { class: "box error" }, icon("error"), el("span", {}, text)));
  document.getElementById("failures").append(...failures);
  let waiting;
  searchBox.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => change({ q: searchBox.value }), 80);
  });
  searchBox.addEventListener("keydown", (event) => {
    const results = document.getElementById("results");
    if (event.key === "ArrowDown" && !results.hidden) results.querySelector("a")?.focus();
  });
  document.getElementById("find").addEventListener("submit", (event) => event.preventDefault());
  onlyBox.addEventListener("change", () => change({ only: onlyBox.checked }));
  document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault();
    details.querySelector("h2").focus();
  });
  window.addEventListener("hashchange", update);
  window.addEventListener("beforeprint", () => {
    for (const one of details.querySelectorAll("details.entry")) {
      one.build();
      one.open = true;
    }
  });
  const header = document.querySelector("header");
  new ResizeObserver(() => document.documentElement.style.setProperty("--head", `${header.offsetHeight}px`)).observe(header);
  expandAtFirst();
  revealSelected();
  syncControls();
  drawBrowser(true);
  bringIntoView();
  drawDetails();
  document.body.classList.remove("loading");
}

start();
