// The backups that an account's plans would make in the next weeks, and how long each is kept.

const DAY = 24 * 60;
const RUNS_LISTED = 60;
const timelineData = organization?.timeline;
const timelineStart = timelineData ? Date.parse(timelineData.start) : 0;
const dayFormat = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });
const dateFormat = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "short", day: "numeric", month: "short", year: "numeric" });

function momentOf(minutes) {
  return new Date(timelineStart + minutes * 60_000);
}

function timeOf(minutes) {
  return momentOf(minutes).toISOString().slice(11, 16);
}

/** A lane for each rule of each plan. */
function timelineSection(words, root, withheld) {
  const plans = childOf(root, words.top);
  const lanes = [];
  for (const planIndex of plans?.children ?? []) {
    const plan = nodeOf(planIndex);
    const regions = childOf(plan, words.places)?.values ?? [];
    for (const rule of childOf(plan, words.runs)?.children ?? []) {
      if (timelineData.rules[rule]) lanes.push({ plan: plan.name, regions, rule: nodeOf(rule).name, ...timelineData.rules[rule] });
    }
  }
  if (!lanes.length) return null;
  return el(
    "section",
    { class: "timeline", "aria-labelledby": "timeline-title" },
    el("h4", { id: "timeline-title" }, "Backups in the next weeks"),
    el(
      "p",
      { class: "hint" },
      `What the plans ${withheld ? "would make, if AWS accepted them," : "make"} in the ${timelineData.days / 7} weeks from ${dateFormat.format(timelineStart)}, ${timeOf(0)} UTC. `,
      "Each line is a backup, from the day on which it is made to the day on which it is deleted.",
    ),
    el("p", { class: "legend" }, el("span", { class: "key-warm" }, "kept"), el("span", { class: "key-cold" }, "in cold storage"), el("span", { class: "key-on" }, "kept beyond these weeks")),
    fades(timelineData.days),
    capped(lanes, 12, lane, "rules", "div", { class: "lanes" }),
  );
}

function keptText({ keep, cold }) {
  const kept = keep === null ? "kept forever" : `kept ${counted(keep, "day")}`;
  return cold === null ? kept : `${kept}, cold after ${counted(cold, "day")}`;
}

function lane(rule) {
  const schedule = timelineData.schedules[rule.schedule];
  const runs = schedule?.runs ?? [];
  const facts = [
    rule.schedule ? el("code", {}, rule.schedule) : "no schedule",
    keptText(rule),
    rule.vaults.length ? ["vault ", rule.vaults.map((vault, i) => [i ? " and " : "", name(vault)])] : null,
    rule.regions.length ? ["in ", name(rule.regions.join(", "))] : null,
    rule.continuous ? "continuous, to restore to any moment" : null,
  ].filter(Boolean);
  return el(
    "article",
    { class: "lane" },
    el("h5", {}, name(rule.plan), " › ", name(rule.rule)),
    el("ul", { class: "facts" }, facts.map((fact) => el("li", {}, fact)), rule.copies.map((copy) => el("li", {}, "copied to ", name(copy.vault), `, ${keptText(copy)}`))),
    schedule?.error ? el("p", { class: "box error" }, icon("error"), el("span", {}, "It makes no backup: ", name(schedule.error))) : null,
    !schedule?.error && !runs.length ? el("p", { class: "nothing" }, rule.schedule ? "No run in these weeks." : "No schedule, so no run.") : null,
    runs.length ? [axis(), chart(rule, runs), runList(rule, schedule)] : null,
  );
}

/** The weeks above the lines. */
function axis() {
  const weeks = Array.from({ length: timelineData.days / 7 }, (_, week) => dayFormat.format(momentOf(week * 7 * DAY)));
  return el("div", { class: "axis", "aria-hidden": "true" }, weeks.map((week) => el("span", {}, week)));
}

/** A line for each day with runs. Its units are days across, and a row down. */
function chart(rule, runs) {
  const days = timelineData.days;
  const starts = new Map();
  for (const run of runs) if (!starts.has(Math.floor(run / DAY))) starts.set(Math.floor(run / DAY), run / DAY);
  const rows = [...starts.values()];
  const bars = rows.flatMap((start, row) => barsOf(rule, start, row, days));
  const weeks = Array.from({ length: days / 7 }, (_, week) => svg("line", { class: "week", x1: week * 7, x2: week * 7, y1: 0, y2: rows.length }));
  const picture = svg(
    "svg",
    { class: "chart", viewBox: `0 0 ${days} ${rows.length}`, preserveAspectRatio: "none", role: "img", "aria-label": chartText(rule, runs) },
    weeks,
    bars,
  );
  picture.style.height = `${Math.max(rows.length * 3.5, Math.min(rows.length * 10, 44))}px`;
  return picture;
}

function barsOf({ keep, cold }, start, row, days) {
  const end = keep === null ? Infinity : start + keep;
  const bar = (from, to, kind) =>
    svg("rect", {
      class: kind,
      // What is kept beyond the edge fades out there. The style sheet overrides attributes, so it has no class.
      ...(to > days ? { class: undefined, fill: `url(#fade-${kind})` } : {}),
      x: from,
      y: row + 0.14,
      width: Math.max(Math.min(to, days) - from, 0.12),
      height: 0.72,
    });
  const chill = cold === null ? Infinity : start + cold;
  if (chill >= Math.min(end, days)) return [bar(start, end, "warm")];
  return [bar(start, chill, "warm"), bar(chill, end, "cold")];
}

/** The fading of bars towards the edge: one for the whole page. */
function fades(days) {
  const fade = (kind) =>
    svg(
      "linearGradient",
      { id: `fade-${kind}`, gradientUnits: "userSpaceOnUse", x1: days - 4, x2: days, y1: 0, y2: 0 },
      svg("stop", { class: kind, offset: 0 }),
      svg("stop", { class: `${kind} gone`, offset: 1 }),
    );
  return svg("svg", { class: "chart fades", "aria-hidden": "true", width: 0, height: 0 }, svg("defs", {}, fade("warm"), fade("cold")));
}

function chartText(rule, runs) {
  const first = `${dateFormat.format(momentOf(runs[0]))} at ${timeOf(runs[0])}`;
  const last = `${dateFormat.format(momentOf(runs.at(-1)))} at ${timeOf(runs.at(-1))}`;
  return `${counted(runs.length, "backup")}, the first on ${first}, the last on ${last} UTC; each ${keptText(rule)}.`;
}

function runList(rule, schedule) {
  const { runs, more } = schedule;
  const left = runs.length - RUNS_LISTED;
  const details = el(
    "details",
    { class: "runs" },
    el("summary", {}, `${counted(runs.length, "run")}${more ? ", and more that are not shown: AWS rejects a schedule with more than one run an hour" : ""}`),
  );
  const build = () => {
    if (details.childElementCount > 1) return;
    details.append(
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, ["Run (UTC)", "Cold from", "Deleted"].map((title) => el("th", { scope: "col" }, title)))),
        el("tbody", {}, runs.slice(0, RUNS_LISTED).map((run) => runRow(rule, run))),
      ),
      left > 0 ? el("p", { class: "rest" }, `and ${left.toLocaleString("en")} more`) : "",
    );
  };
  details.addEventListener("toggle", build);
  return details;
}

function runRow({ keep, cold }, run) {
  const after = (days) => (days === null ? "never" : days > 100_000 ? "in centuries" : dateFormat.format(momentOf(run + days * DAY)));
  return el("tr", {}, el("td", {}, `${dateFormat.format(momentOf(run))}, ${timeOf(run)}`), el("td", {}, after(cold)), el("td", {}, after(keep)));
}
