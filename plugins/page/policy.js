// An account's effective policies: each value with the line that set it, and overruled values struck out with the reason.

const AWS_DEFAULT = -1;
const ENTRIES_OPEN = 4;

function policyOf(index) {
  const [policyName, type, document, , rejected] = organization.policies[index];
  return { name: policyName, type, document, rejected };
}

/** A link to the line of a policy; locations are flat: policy, line, policy, line. */
function locationLink(policy, line) {
  if (policy === AWS_DEFAULT) return el("span", { class: "source" }, "AWS's default");
  const { name: policyName, document } = policyOf(policy);
  const { path, lines } = data.documents[document];
  const text = `${policyName}:${line}`;
  const title = `${path}, line ${line}`;
  if (!lines) return name(text, { class: "source", title });
  return link({ kind: "file", index: document, line }, text, { class: "source", title });
}

function locationLinks(locations) {
  const seen = new Set();
  const links = [];
  for (let i = 0; i < locations.length; i += 2) {
    const key = `${locations[i]}:${locations[i + 1]}`;
    if (!seen.has(key)) links.push(" ", locationLink(locations[i], locations[i + 1]));
    seen.add(key);
  }
  return links;
}

/** What levels overruled, as a tree of names: `{events, below: Map}`. */
function overruledTree(policy) {
  const root = { events: [], below: new Map() };
  for (const level of levelsTo(policy)) {
    for (const event of level.overruled) {
      let at = root;
      for (const part of event.path) {
        if (!at.below.has(part)) at.below.set(part, { events: [], below: new Map() });
        at = at.below.get(part);
      }
      at.events.push(event);
    }
  }
  return root;
}

/** An account's effective policy of one type, and where it comes from. */
function effectiveSection(type, index, path) {
  const policy = effectiveOf(type, index);
  const root = nodeOf(policy.node);
  const overruled = overruledTree(policy);
  const withheld = data.findings.filter(
    (one) => one.outcome === "withheld" && one.type === type.enum && overlap(one.accounts, index, index + 1),
  );
  const onWay = path.flatMap((target) => target.policies).filter((policy) => policyOf(policy).type === type.title);
  const rejected = [...new Set(onWay)].filter((policy) => policyOf(policy).rejected);
  const id = `type-${type.enum}`;
  return el(
    "section",
    { class: "effective", "aria-labelledby": id },
    el("h3", { id }, `Effective ${type.title}`),
    attachedOnWay(type, path),
    rejected.length ? rejectedBox(rejected) : null,
    withheld.length ? withheldBox(withheld, rejected.length > 0) : null,
    root.children.length || overruled.below.size
      ? topEntries(root, overruled)
      : el("p", { class: "nothing" }, "No policy of this type sets anything here."),
    type.timeline ? timelineSection(type.timeline, root, withheld.length > 0) : null,
  );
}

/** The two states after a rejected document: what is shown, and what AWS serves. */
function rejectedBox(policies) {
  return el(
    "div",
    { class: "box error rejected" },
    icon("error"),
    el(
      "div",
      {},
      policies.map((policy) => {
        const [line, message] = policyOf(policy).rejected;
        return el("p", {}, "AWS rejects ", locationLink(policy, line), ": ", message);
      }),
      el("p", {}, data.twoStates),
    ),
  );
}

function withheldBox(withheld, open) {
  const rules = [...new Set(withheld.map((one) => one.rule))];
  return el(
    "p",
    { class: "box error" },
    icon("error"),
    el("span", {}, open ? "AWS would still withhold this policy: "
      : "This policy is not in effect: AWS withholds it, and serves the account's last valid policy, or none: ",
      rules.map((rule, i) => [i ? ", " : "", link({ kind: "rule", name: rule }, rule)]), "."),
  );
}

function attachedOnWay(type, path) {
  const steps = path
    .map((target) => ({ target, policies: target.policies.filter((policy) => policyOf(policy).type === type.title) }))
    .filter(({ policies }) => policies.length);
  if (!steps.length) return null;
  return el(
    "ol",
    { class: "way", "aria-label": "Policies on the way from the root" },
    steps.map(({ target, policies }) =>
      el("li", {}, el("span", { class: "target" }, icon(target.kind), name(titleOf(target))), policies.map((policy) => [" ", policyLink(policy)])),
    ),
  );
}

function policyLink(index) {
  const policy = policyOf(index);
  const to = link({ kind: "file", index: policy.document }, policy.name, { class: "policy" });
  return policy.rejected ? [to, " ", el("span", { class: "rejected", title: policy.rejected[1] }, "rejected by AWS")] : to;
}

/** The entries below the top key (plans, tags, …), each to be opened. */
function topEntries(root, overruled) {
  const names = new Set([...root.children.map((child) => nodeOf(child).name), ...overruled.below.keys()]);
  return [...names].map((top) => {
    const node = childOf(root, top);
    const ghosts = overruled.below.get(top);
    const entries = new Set([...(node?.children ?? []).map((child) => nodeOf(child).name), ...(ghosts?.below.keys() ?? [])]);
    if (node?.values || !entries.size) return el("ul", { class: "values" }, entry(top, node, ghosts));
    return el(
      "div",
      { class: "top" },
      el("p", { class: "top-key" }, name(top), ghosts?.events.map(overruledLine)),
      [...entries].map((one) => entryDetails(one, childOf(node, one), ghosts?.below.get(one), entries.size <= ENTRIES_OPEN || ghosts?.below.has(one))),
    );
  });
}

function entryDetails(entryName, node, ghosts, open) {
  if (!node?.children) return el("ul", { class: "values" }, entry(entryName, node, ghosts));
  const details = el(
    "details",
    { class: "entry" },
    el("summary", {}, name(entryName), ghosts ? el("small", {}, "with overruled values") : null),
  );
  const build = () => details.childElementCount === 1 && details.append(el("ul", { class: "values" }, entries(node, ghosts)));
  details.build = build; // what printing asks for
  details.addEventListener("toggle", build);
  if (open) {
    build();
    details.open = true;
  }
  return details;
}

function entries(node, ghosts) {
  const names = new Set([...(node?.children ?? []).map((child) => nodeOf(child).name), ...(ghosts?.below.keys() ?? [])]);
  const own = ghosts?.events.map((event) => el("li", {}, overruledLine(event))) ?? [];
  return [...own, ...[...names].map((one) => entry(one, childOf(node, one), ghosts?.below.get(one)))];
}

function entry(entryName, node, ghosts) {
  const key = el("span", { class: "key" }, name(entryName));
  if (node?.values) return el("li", {}, key, " ", setValues(node), (ghosts?.events ?? []).map(overruledLine));
  if (node?.children) return el("li", {}, key, el("ul", {}, entries(node, ghosts)));
  return ghostEntry(key, ghosts);
}

/** What a policy on the way sets, and the effective policy does not have. */
function ghostEntry(key, ghosts) {
  const below = [...ghosts.below].map(([one, inside]) => entry(one, undefined, inside));
  return el("li", { class: "ghost" }, key, ghosts.events.map(overruledLine), below.length ? el("ul", {}, below) : null);
}

/** A setting's values; elements of a list that one line set are grouped. */
function setValues(node) {
  const groups = [];
  node.values.forEach((value, i) => {
    const [policy, line] = node.locations.slice(2 * i, 2 * i + 2);
    const last = groups.at(-1);
    if (last && last.policy === policy && last.line === line) last.values.push(value);
    else groups.push({ policy, line, values: [value] });
  });
  if (!groups.length) return el("span", { class: "value" }, el("em", {}, "empty list"));
  return el(
    "span",
    { class: "set" },
    groups.map(({ policy, line, values }) =>
      el(
        "span",
        { class: "given" },
        values.map((value, i) => [i ? " " : "", name(value, { class: "value" })]),
        policy === undefined ? null : [unseen(", set by "), " ", locationLink(policy, line)],
      ),
    ),
  );
}

function overruledLine(event) {
  const values = event.values ?? ["the whole entry"];
  return el(
    "span",
    { class: "overruled" },
    unseen("Not in effect: "),
    el("del", {}, event.operator ? `${event.operator} ` : "", values.map((value, i) => [i ? " " : "", name(value, { class: "value" })])),
    locationLinks(event.from),
    el("span", { class: "reason" }, name(event.reason), event.by.length ? locationLinks(event.by) : null),
  );
}
