// The organization as a tree: one tab stop, arrow keys, and only what is expanded is on the page.

const CHILDREN_MOST = 200;
const tree = { element: document.getElementById("tree"), expanded: new Set(), shown: new Map() };

/** Draw the tree again, with the findings that pass the filters and the number of those that don't. */
function drawTree() {
  tree.findings = parted(data.findings, state);
  tree.counts = new Map();
  const focused = tree.element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  tree.element.replaceChildren(...(units.length ? [treeItem(units[0], 1)] : []));
  const items = treeItems();
  const stop = items.find((item) => item.dataset.key === (focused ?? selectedKey())) ?? items[0];
  if (stop) stop.tabIndex = 0;
  if (focused) stop?.focus();
}

/** Scroll to the selected node, in the tree only: if the tree does not scroll by itself, nothing moves. */
function bringIntoView() {
  const row = tree.element.querySelector('[aria-selected="true"] > .row');
  if (!row || tree.element.hidden) return;
  const box = tree.element.parentElement;
  const [inner, outer] = [row.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top - outer.height / 3;
}

/** Expand the parents of the selected node, and mark it. */
function revealSelected() {
  const { kind, index } = state.view;
  if (kind !== "unit" && kind !== "account") return;
  const above = kind === "unit" ? unitsTo(units[index]).slice(0, -1) : unitsAbove(index);
  for (const unit of above) tree.expanded.add(unit.index);
}

/** At first: all of a small organization, the top of a large one. */
function expandAtFirst() {
  if (!units.length) return;
  const small = units.length + accountRows.length <= 80;
  for (const unit of small ? units : [units[0]]) tree.expanded.add(unit.index);
}

function selectedKey() {
  return state.view.kind === "unit" || state.view.kind === "account" ? keyOf(state.view) : undefined;
}

function keyOf(node) {
  return `${node.kind}-${node.index}`;
}

function rangeOf(node) {
  return node.kind === "unit" ? [node.start, node.stop] : [node.index, node.index + 1];
}

function countsAt(node) {
  const key = keyOf(node);
  if (!tree.counts.has(key)) tree.counts.set(key, countsOf(...[tree.findings.shown, tree.findings.hidden].map((found) => reaching(found, ...rangeOf(node)))));
  return tree.counts.get(key);
}

function isShown(node) {
  return !state.only || showsAny(countsAt(node));
}

/** The children of a unit that the tree shows: units first, then accounts, up to a number; and how many are left. */
function childrenOf(unit) {
  const most = tree.shown.get(unit.index) ?? CHILDREN_MOST;
  const found = unit.children.filter(isShown);
  const below = found.slice(0, most);
  let left = found.length - below.length;
  let selected = null;
  for (let index = unit.start; index < unit.start + unit.own; index += 1) {
    if (state.only && !tree.findings.shown.some((one) => overlap(one.accounts, index, index + 1))) continue;
    if (below.length < most) below.push(account(index));
    else {
      left += 1;
      if (state.view.kind === "account" && state.view.index === index) selected = account(index);
    }
  }
  return { below, left, selected };
}

function treeItem(node, level) {
  const key = keyOf(node);
  const isUnit = node.kind === "unit";
  const isFull = isUnit && (node.children.length > 0 || node.own > 0);
  const open = isFull && tree.expanded.has(node.index);
  const counts = countsAt(node);
  const many = isUnit ? counted(node.stop - node.start, "account") : "";
  const what = isUnit ? `organizational unit, ${many}` : `account ${node.name ? node.id : ""}`;
  const item = el(
    "li",
    {
      role: "treeitem",
      class: `node ${node.kind}`,
      "data-key": key,
      "aria-level": level,
      "aria-selected": String(key === selectedKey()),
      "aria-expanded": isFull ? String(open) : undefined,
      "aria-label": `${titleOf(node)}, ${what}, ${healthOf(counts)}`,
      tabindex: -1,
    },
    el(
      "div",
      { class: "row" },
      isFull ? el("span", { class: "twisty", "aria-hidden": "true" }) : el("span", { class: "no-twisty" }),
      icon(node.kind),
      el("span", { class: "label" }, name(titleOf(node)), isUnit || !node.name ? null : el("small", {}, node.id)),
      isUnit ? el("small", { class: "size" }, (node.stop - node.start).toLocaleString("en")) : null,
      badges(counts),
    ),
  );
  item.node = node;
  if (open) item.append(group(node, level + 1));
  return item;
}

function group(unit, level) {
  const { below, left, selected } = childrenOf(unit);
  const items = below.map((child) => treeItem(child, level));
  if (left) {
    const text = `and ${left.toLocaleString("en")} more`;
    const more = el(
      "li",
      { role: "treeitem", class: "node rest", "data-key": `more-${unit.index}`, "aria-level": level, tabindex: -1, "aria-selected": "false" },
      el("div", { class: "row" }, el("span", { class: "label" }, text)),
    );
    more.unit = unit;
    items.push(more);
  }
  if (selected) items.push(treeItem(selected, level));
  if (!items.length) items.push(el("li", { role: "treeitem", class: "node rest", "aria-level": level, tabindex: -1 }, "nothing to show"));
  return el("ul", { role: "group" }, items);
}

function treeItems() {
  return [...tree.element.querySelectorAll('[role="treeitem"]')];
}

function toggle(item, open) {
  if (!item.hasAttribute("aria-expanded") || (item.getAttribute("aria-expanded") === "true") === open) return;
  item.setAttribute("aria-expanded", String(open));
  if (open) {
    tree.expanded.add(item.node.index);
    item.append(group(item.node, Number(item.getAttribute("aria-level")) + 1));
  } else {
    tree.expanded.delete(item.node.index);
    item.querySelector('[role="group"]').remove();
  }
  if (!tree.element.querySelector('[tabindex="0"]')) item.tabIndex = 0;
}

function focusItem(item) {
  if (!item) return;
  for (const one of tree.element.querySelectorAll('[tabindex="0"]')) one.tabIndex = -1;
  item.tabIndex = 0;
  item.focus();
}

function showMore(item) {
  const unit = item.unit;
  const list = item.parentElement;
  const place = [...list.children].indexOf(item);
  tree.shown.set(unit.index, (tree.shown.get(unit.index) ?? CHILDREN_MOST) + CHILDREN_MOST);
  const fresh = group(unit, Number(item.getAttribute("aria-level")));
  list.replaceWith(fresh);
  focusItem(fresh.children[place]);
}

function choose(item) {
  if (item.unit) showMore(item);
  else if (item.node) {
    location.hash = addressOf(item.node);
    toggle(item, true);
  }
}

function onTreeKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const item = event.target.closest('[role="treeitem"]');
  const items = treeItems();
  const at = items.indexOf(item);
  const open = item?.getAttribute("aria-expanded");
  const actions = {
    ArrowDown: () => focusItem(items[at + 1]),
    ArrowUp: () => focusItem(items[at - 1]),
    Home: () => focusItem(items[0]),
    End: () => focusItem(items.at(-1)),
    ArrowRight: () => (open === "false" ? toggle(item, true) : open === "true" && focusItem(items[at + 1])),
    ArrowLeft: () => (open === "true" ? toggle(item, false) : focusItem(item.parentElement.closest('[role="treeitem"]'))),
    Enter: () => choose(item),
    " ": () => choose(item),
  };
  if (!item || !actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
}

function onTreeClick(event) {
  const item = event.target.closest('[role="treeitem"]');
  if (!item) return;
  focusItem(item);
  if (event.target.closest(".twisty")) toggle(item, item.getAttribute("aria-expanded") !== "true");
  else choose(item);
}

tree.element.addEventListener("keydown", onTreeKey);
tree.element.addEventListener("click", onTreeClick);

/** The results of a search, in place of the tree. */
function drawResults(text) {
  const groups = search(text);
  const total = groups.reduce((sum, one) => sum + one.total, 0);
  const parts = groups.filter((one) => one.total).map((one) =>
    el(
      "section",
      {},
      el("h3", {}, one.title, " ", el("small", {}, one.total.toLocaleString("en"))),
      el("ul", {}, one.found.map(result)),
      one.total > one.found.length ? el("p", { class: "rest" }, `and ${(one.total - one.found.length).toLocaleString("en")} more`) : null,
    ),
  );
  document.getElementById("results").replaceChildren(...parts);
  return total;
}

function result(found) {
  const detail = found.kind === "account" ? `${found.id} · ${unitsAbove(found.index).at(-1).path}` : found.kind === "unit" ? found.path : found.detail;
  const isNode = found.kind === "account" || found.kind === "unit";
  const counts = isNode ? countsAt(found) : undefined;
  return el(
    "li",
    {},
    link(found, [
      icon(found.kind),
      el("span", { class: "label" }, name(titleOf(found)), " ", el("small", {}, name(detail))),
      counts ? [badges(counts), unseen(`, ${healthOf(counts)}`)] : null,
    ]),
  );
}
