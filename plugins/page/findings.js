// Findings: by severity, each with its location, the source around it, and the accounts that it affects.

const FINDINGS_MOST = 30;
const REACHED_MOST = 6;

/** Findings that pass the filters, under headings: by severity, or by file if no organization was read. */
function findingGroups(findings, level = 3) {
  const { shown, hidden } = parted(findings, state);
  const groups = new Map();
  const keys = organization ? SEVERITIES : [...new Set(shown.map((one) => one.document))];
  for (const key of keys) groups.set(key, []);
  for (const one of shown) groups.get(organization ? one.severity : one.document).push(one);
  const sections = [...groups].filter(([, found]) => found.length).map(([key, found]) =>
    el(
      "section",
      { class: "findings" },
      el(`h${level}`, {}, organization ? [icon(key), counted(found.length, key)] : name(data.documents[key].path)),
      capped(found, FINDINGS_MOST, (one) => el("li", {}, findingCard(one)), "findings", "ol", { class: "cards" }),
    ),
  );
  if (hidden.length) return [sections, el("p", { class: "nothing" }, icon("hidden"), `${hiddenWords(hidden.length)}.`)];
  return sections.length ? sections : [el("p", { class: "nothing" }, icon("good"), "No findings.")];
}

function findingCard(one) {
  const card = data.rules[one.rule]?.card;
  return el(
    "article",
    { class: `finding ${one.severity}` },
    el(
      "p",
      { class: "kind" },
      icon(one.severity),
      el("strong", {}, one.severity),
      el("span", { class: "pill", title: OUTCOMES[one.outcome] }, one.outcome),
      link({ kind: "rule", name: one.rule }, one.rule, { class: "rule" }),
      one.controls.map((control) => el("span", { class: "pill quiet" }, control)),
    ),
    el("p", { class: "message" }, name(one.message)),
    el("p", { class: "place" }, placeLink(one, true)),
    excerpt(one.excerpt),
    one.related.length ? el("ul", { class: "related" }, one.related.map(relatedPlace)) : null,
    reached(one),
    one.fix ? el("p", { class: "fix" }, "Fixed with ", el("code", {}, one.fix.safe ? "--fix" : "--fix --unsafe-fixes"), ": ", name(one.fix.message)) : null,
    card?.startsWith("https://") || card?.startsWith("http://")
      ? el("p", { class: "card" }, el("a", { href: card, rel: "noreferrer" }, "About this rule", unseen(`: ${one.rule}`)))
      : null,
  );
}

function placeLink(place, column = false) {
  const { path, lines } = data.documents[place.document];
  const text = `${path}:${place.line}${column ? `:${place.column}` : ""}`;
  return lines ? link({ kind: "file", index: place.document, line: place.line }, text, { class: "source" }) : name(text, { class: "source" });
}

function relatedPlace(related) {
  return el("li", {}, name(related.message), " ", placeLink(related));
}

function excerpt({ lines, line, start, end }) {
  if (lines.every(([, text]) => !text.trim())) return null;
  const indent = Math.min(...lines.filter(([, text]) => text.trim()).map(([, text]) => text.search(/\S/)), start);
  return el(
    "div",
    { class: "excerpt" },
    lines.map(([number, text]) =>
      el(
        "div",
        { class: number === line ? "line marked" : "line" },
        el("span", { class: "number" }, number),
        el("code", {}, number === line ? [text.slice(indent, start), el("mark", {}, text.slice(start, end)), text.slice(end)] : text.slice(indent)),
      ),
    ),
  );
}

/** The accounts that a finding affects, as links to units and accounts. */
function reached(one) {
  if (!organization) return null;
  const count = sizeOf(one.accounts);
  if (!count) return el("p", { class: "reach" }, "Affects no account.");
  const { found, more } = fold(one.accounts, REACHED_MOST);
  const targets = found.map((target) =>
    target.kind === "unit"
      ? [link(target, target.path), ` (${counted(target.stop - target.start, "account")})`]
      : [link(target, titleOf(target)), " in ", name(unitsAbove(target.index).at(-1).path)],
  );
  return el(
    "p",
    { class: "reach" },
    `Affects ${counted(count, "account")}: `,
    targets.map((target, i) => [i ? ", " : "", target]),
    more ? ` and ${counted(more, "more unit or account", "more units and accounts")}` : "",
    ".",
  );
}
