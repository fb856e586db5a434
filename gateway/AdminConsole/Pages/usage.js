import { append, el, field, replace } from "./dom.js";
import { get, reason } from "./api.js";
import { chart } from "./chart.js";
import { compact, count, money, plain } from "./format.js";
import { load, ranked, series } from "./usage-data.js";

const [HOUR, DAY] = [3_600, 86_400];
const RANGES = { day: ["Last 24 hours", DAY, HOUR], three: ["Last 3 days", 3 * DAY, HOUR], week: ["Last 7 days", 7 * DAY, DAY], month: ["Last 30 days", 30 * DAY, DAY], quarter: ["Last 90 days", 90 * DAY, DAY], own: ["Between dates", 0, DAY] };
const GROUPS = { "": "nothing", model: "model", key: "key", team: "team", upstream: "upstream" };
const METRICS = { calls: ["Calls", compact, true], tokens: ["Tokens", compact, true], cost: ["Cost", money, false], errors: ["Errors", compact, true] };

/** What was used over time. Buckets are UTC's, as budgets are unless set otherwise. */
export function usage(place) {
  const choose = (all, name) => el("select", { name }, Object.entries(all).map(([value, title]) => el("option", { value }, Array.isArray(title) ? title[0] : title)));
  const [range, group] = [choose(RANGES, "range"), choose(GROUPS, "group")];
  const [first, last] = ["first", "last"].map((name) => el("input", { type: "date", name, value: new Date().toISOString().slice(0, 10) }));
  const dates = el("div", { class: "row", hidden: true }, field("From", first), field("To, with that day", last));
  const wrong = el("p", { class: "notice bad", role: "alert", hidden: true });
  const totals = el("dl", { class: "totals" });
  const charts = el("div", { class: "charts" });
  append(place, [el("form", { class: "row filters", "aria-label": "What is shown", onsubmit: (event) => event.preventDefault() }, field("Time", range), dates, field("Parted by", group), el("button", { type: "button", onclick: () => look() }, "Look again")), wrong, totals, charts]);
  const over = new AbortController();
  let [asked, ends] = [null, []];

  function span() {
    const [, length, width] = RANGES[range.value];
    if (range.value !== "own") {
      const to = Math.ceil(Date.now() / 1_000 / width) * width;
      return { from: to - length, to, width };
    }
    const [from, to] = [first, last].map((input) => Date.parse(`${input.value}T00:00:00Z`) / 1_000);
    if (!(to >= from)) throw new Error("The first day must not be later than the last.");
    if (to - from > 366 * DAY) throw new Error("Between the days may be a year.");
    return { from, to: to + DAY, width: to - from < 3 * DAY ? HOUR : DAY };
  }

  async function look() {
    dates.hidden = range.value !== "own";
    asked?.abort();
    asked = new AbortController();
    const signal = AbortSignal.any([asked.signal, over.signal]);
    try {
      const question = { ...span(), by: group.value };
      const [found, names] = await Promise.all([load(question, signal), group.value === "key" ? keyNames(signal) : new Map()]);
      draw(found, names, question.width);
      wrong.hidden = true;
    } catch (error) {
      if (signal.aborted) return;
      replace(wrong, reason(error));
      wrong.hidden = false;
    }
  }

  function draw(found, names, width) {
    const sum = (metric) => found.rows.reduce((all, row) => all + row[metric], 0);
    const estimated = sum("estimated_calls");
    replace(totals, [["Calls", count(sum("calls"))], ["Tokens read", count(sum("prompt_tokens"))], ["of them from a cache", count(sum("cached_tokens"))], ["Tokens made", count(sum("completion_tokens"))], ["of them reasoning", count(sum("reasoning_tokens"))], ["Cost", money(sum("cost"))], ["Errors", count(sum("errors"))]]
      .map(([title, value]) => el("div", null, el("dt", null, title), el("dd", null, value))), estimated ? el("div", null, el("dt", null, "Calls with estimated tokens"), el("dd", null, count(estimated))) : null);
    for (const end of ends) end();
    replace(charts);
    const rank = ranked(found);
    ends = Object.entries(METRICS).map(([metric, [title, format, wholes]]) => {
      const body = el("div");
      charts.append(el("section", { class: "card", "aria-label": title }, el("h2", null, title), body));
      const all = series(found, metric, rank, names);
      return chart(body, { title, buckets: found.buckets, series: all.length ? all : [{ name: metric, values: found.buckets.map(() => 0) }], format, wholes, axis: wholes ? compact : plain, name: bucketName(width) });
    });
  }

  for (const input of [range, group, first, last]) input.addEventListener("change", look);
  look();
  return () => { over.abort(); for (const end of ends) end(); };
}

function bucketName(width) {
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });
  const hour = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hour: "2-digit", minute: "2-digit" });
  return (at, brief) => width === DAY ? day.format(at * 1_000) : brief ? hour.format(at * 1_000) : `${day.format(at * 1_000)}, ${hour.format(at * 1_000)} UTC`;
}

// Groups go by ids; people by names. A key that is gone keeps its id.
async function keyNames(signal) {
  const names = new Map();
  for (let after; names.size < 1_000;) {
    const page = await get("/keys", { limit: 100, after }, signal);
    for (const key of page.data) names.set(key.id, key.name);
    if (!page.has_more) break;
    after = page.last_id;
  }
  return names;
}
