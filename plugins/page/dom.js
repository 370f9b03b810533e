// Making elements. Every text from the data becomes a text node or an attribute, never markup.

const ICONS = {
  error: ["M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z", "M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4"],
  warning: ["M8 1.3 15.3 14.5H.7z", "M8 6v4M8 12v.6"],
  note: ["M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z", "M8 7.2v4.2M8 4.6v.6"],
  good: ["M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z", "M4.8 8.3l2.2 2.2 4.2-4.6"],
  hidden: ["M8 4.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6z", ""],
  unit: ["M1 3.5h5l1.5 2H15v8H1z", ""],
  account: ["M2.5 4.5h11v8h-11z", "M5 7.5h6M5 9.8h3.5"],
  file: ["M3.5 1.5h6l3 3v10h-9z", "M6 8h4M6 10.8h4"],
  rule: ["M8 1.2l5.8 2v4.6c0 3.4-2.3 5.8-5.8 7-3.5-1.2-5.8-3.6-5.8-7V3.2z", "M5.4 8l1.9 1.9 3.4-3.8"],
};

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element with attributes (`onclick` and the like are listeners) and children: elements and texts. */
function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** An SVG element. */
function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

/** A picture without information of its own: the text next to it has it. */
function icon(kind) {
  const [body, line] = ICONS[kind];
  return svg(
    "svg",
    { class: `icon ${kind}`, viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
    svg("path", { class: "body", d: body }),
    line ? svg("path", { class: "line", d: line }) : null,
  );
}

/** Text for screen readers only. */
function unseen(text) {
  return el("span", { class: "unseen" }, text);
}

/** A name from the data: it can't change the direction of the text around it. */
function name(text, attributes = {}) {
  return el("bdi", attributes, text);
}

/** A link to a view: `{kind: "account", index}`, `{kind: "file", index, line}`, `{kind: "rule", name}`. */
function link(view, text, attributes = {}) {
  return el("a", { href: addressOf(view), ...attributes }, typeof text === "string" ? name(text) : text);
}

/** The counts of each severity, as small signs; a green one only if there is no finding, not even a hidden one. */
function badges(counts) {
  const signs = SEVERITIES.filter((severity) => counts[severity]).map((severity) =>
    el("span", { class: `badge ${severity}` }, icon(severity), counts[severity].toLocaleString("en")),
  );
  if (counts.hidden) {
    const words = hiddenWords(counts.hidden);
    const text = signs.length ? counts.hidden.toLocaleString("en") : words;
    signs.push(el("span", { class: "badge unshown", title: words }, icon("hidden"), text));
  }
  return el("span", { class: "badges", "aria-hidden": "true" }, signs.length ? signs : icon("good"));
}

/** A list that shows its first items, and a button for the next ones. */
function capped(items, most, make, what, tag = "ul", attributes = {}) {
  const list = el(tag, attributes);
  const button = el("button", { type: "button", class: "more" });
  let shown = 0;
  const show = () => {
    const next = items.slice(shown, shown + most).map(make);
    list.append(...next);
    shown += next.length;
    button.textContent = `and ${(items.length - shown).toLocaleString("en")} more ${what}`;
    button.hidden = shown >= items.length;
    return next[0];
  };
  button.addEventListener("click", () => {
    const first = show();
    const target = first?.querySelector("a, button, summary") ?? first;
    target?.focus();
  });
  show();
  return [list, button];
}
