// The data of the page, as html_data.py wrote it, and functions to query it. Nothing here changes the page.
// The scripts are joined in the order that html_format.py names: each uses what the earlier ones declare.

const data = JSON.parse(document.getElementById("data").textContent);
const organization = data.organization;
const SEVERITIES = ["error", "warning", "note"];
const OUTCOMES = {
  rejected: "AWS rejects the document when you save or attach it",
  withheld: "AWS withholds the merged policy, and the accounts keep the last valid policy",
  ignored: "AWS accepts the document, and ignores this part without an error",
  fails: "AWS creates the plan, but its backups fail or are never made",
  risk: "AWS does what the policy says, but it is against good practice",
};
const RESULTS_MOST = 20;

const units = (organization?.units ?? []).map(([name, id, parent, start, stop, own, policies], index) => ({
  index, name, id, parent, start, stop, own, policies, children: [], kind: "unit",
}));
for (const unit of units) {
  const above = units[unit.parent];
  unit.path = above ? `${above.path}/${unit.name}` : unit.name;
  above?.children.push(unit);
}

const accountRows = organization?.accounts ?? [];

/** An account by its index. */
function account(index) {
  const [id, name] = accountRows[index];
  return { index, id, name, kind: "account", policies: organization.attached[index] ?? [] };
}

function titleOf(node) {
  return node.name || node.id || "(no name)";
}

/** The units from the root down to the one of an account. */
function unitsAbove(index) {
  const path = [];
  let unit = units[0];
  while (unit) {
    path.push(unit);
    unit = index < unit.start + unit.own ? null : unit.children.find((child) => index >= child.start && index < child.stop);
  }
  return path;
}

/** The parents of a unit and itself, from the root. */
function unitsTo(unit) {
  const path = [];
  for (let one = unit; one; one = units[one.parent]) path.unshift(one);
  return path;
}

// ---- how an address names accounts and units: their id, name or path if only one has it, else their index ----

function keysOf(count, namesOf) {
  const owners = new Map();
  for (let index = 0; index < count; index += 1) {
    for (const name of new Set(namesOf(index))) {
      if (name) owners.set(name, owners.has(name) ? -1 : index);
    }
  }
  const find = (key) => {
    const index = key.startsWith("@") ? Number(key.slice(1)) : owners.get(key);
    return Number.isInteger(index) && index >= 0 && index < count ? index : undefined;
  };
  const keyOf = (index) => namesOf(index).find((name) => owners.get(name) === index && !name.startsWith("@")) ?? `@${index}`;
  return { find, keyOf };
}

const accountKeys = keysOf(accountRows.length, (index) => accountRows[index]);
const unitKeys = keysOf(units.length, (index) => [units[index].path]);
const documentKeys = keysOf(data.documents.length, (index) => [data.documents[index].path]);

// ---- sets of accounts: flat lists of half-open ranges, sorted ----

/** How many accounts of the ranges are from start to stop. */
function overlap(ranges, start, stop) {
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[2 * middle + 1] <= start) low = middle + 1;
    else high = middle;
  }
  let count = 0;
  for (let i = 2 * low; i < ranges.length && ranges[i] < stop; i += 2) {
    count += Math.min(ranges[i + 1], stop) - Math.max(ranges[i], start);
  }
  return count;
}

function sizeOf(ranges) {
  let count = 0;
  for (let i = 0; i < ranges.length; i += 2) count += ranges[i + 1] - ranges[i];
  return count;
}

/** The largest units that are completely in the ranges, and up to `most` of the other accounts; `more` are left out. */
function fold(ranges, most) {
  const found = [];
  let more = 0;
  const waiting = units.length ? [units[0]] : [];
  while (waiting.length) {
    const unit = waiting.pop();
    const inside = overlap(ranges, unit.start, unit.stop);
    if (!inside) continue;
    if (inside === unit.stop - unit.start) {
      if (found.length < most) found.push(unit);
      else more += 1;
      continue;
    }
    for (let index = unit.start; index < unit.start + unit.own; index += 1) {
      if (!overlap(ranges, index, index + 1)) continue;
      if (found.length < most) found.push(account(index));
      else more += 1;
    }
    waiting.push(...unit.children.toReversed());
  }
  return { found, more };
}

// ---- findings ----

/** Findings in two parts: those that pass the filters, and those that the filters hide. */
function parted(findings, filters) {
  const [shown, hidden] = [[], []];
  for (const one of findings) (filters.severity.has(one.severity) && filters.outcome.has(one.outcome) ? shown : hidden).push(one);
  return { shown, hidden };
}

/** Of these findings, those that affect an account from start to stop. */
function reaching(findings, start, stop) {
  return findings.filter((one) => overlap(one.accounts, start, stop) > 0);
}

/** How many findings of each severity, and how many that the filters hide. */
function countsOf(shown, hidden) {
  const counts = { error: 0, warning: 0, note: 0, hidden: hidden.length };
  for (const one of shown) counts[one.severity] += 1;
  return counts;
}

function showsAny(counts) {
  return SEVERITIES.some((severity) => counts[severity] > 0);
}

function hiddenWords(number) {
  return `${number.toLocaleString("en")} hidden by filters`;
}

function counted(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** A node's health in words: "1 error, 2 notes". */
function healthOf(counts) {
  const parts = SEVERITIES.filter((severity) => counts[severity]).map((severity) => counted(counts[severity], severity));
  if (counts.hidden) parts.push(hiddenWords(counts.hidden));
  return parts.join(", ") || "no findings";
}

// ---- effective policies ----

function startsOf(type) {
  if (!type.starts) {
    const starts = [];
    type.effective.forEach((policy, which) => {
      for (let i = 0; i < policy.accounts.length; i += 2) starts.push([policy.accounts[i], which]);
    });
    type.starts = starts.sort((a, b) => a[0] - b[0]);
  }
  return type.starts;
}

/** The effective policy of one type that an account has. */
function effectiveOf(type, index) {
  const starts = startsOf(type);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle][0] <= index) low = middle;
    else high = middle - 1;
  }
  return type.effective[starts[low][1]];
}

/** The merges on the way to an effective policy, from the root. */
function levelsTo(policy) {
  const levels = [];
  for (let at = policy.level; at >= 0; at = organization.levels[at].before) levels.unshift(organization.levels[at]);
  return levels;
}

function nodeOf(index) {
  const [name, content, locations] = organization.nodes[index];
  return locations ? { name, values: [content].flat(), single: !Array.isArray(content), locations } : { name, children: content };
}

/** The child of a node by its name. */
function childOf(node, name) {
  const index = node?.children?.find((child) => organization.nodes[child][0] === name);
  return index === undefined ? undefined : nodeOf(index);
}

// ---- search ----

let searchable;

function searchTexts() {
  searchable ??= accountRows.map(([id, name]) => `${id}\n${name}`.toLowerCase());
  return searchable;
}

function matches(count, test, make) {
  const found = [];
  let total = 0;
  for (let index = 0; index < count; index += 1) {
    if (!test(index)) continue;
    total += 1;
    if (found.length < RESULTS_MOST) found.push(make(index));
  }
  return { found, total };
}

/** The results of a search: groups, each limited, with the total number. */
function search(text) {
  const wanted = text.trim().toLowerCase();
  const has = (...texts) => texts.some((one) => one.toLowerCase().includes(wanted));
  const policies = organization?.policies ?? [];
  const rules = Object.keys(data.rules);
  const texts = searchTexts();
  return [
    { title: "Accounts", ...matches(texts.length, (i) => texts[i].includes(wanted), account) },
    { title: "Organizational units", ...matches(units.length, (i) => has(units[i].path, units[i].id), (i) => units[i]) },
    {
      title: "Policies",
      ...matches(policies.length, (i) => has(policies[i][0]), (i) => ({
        kind: "file", name: policies[i][0], detail: policies[i][1], index: policies[i][2],
      })),
    },
    {
      title: "Rules",
      ...matches(rules.length, (i) => has(rules[i], data.rules[rules[i]].title), (i) => ({
        kind: "rule", name: rules[i], detail: data.rules[rules[i]].title,
      })),
    },
  ];
}
