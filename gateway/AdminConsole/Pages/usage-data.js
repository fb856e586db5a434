import { get } from "./api.js";

const PAGE = 1_000;
const NOT_OK = ["refused", "limited", "failed", "broken", "deadline_exceeded", "interrupted"];
const SHOWN = 6;

/** All groups of a question, whatever number of pages they take. */
async function sums(query, signal) {
  const all = [];
  for (let page; ;) {
    const answer = await get("/usage", { ...query, limit: PAGE, page }, signal);
    all.push(...answer.data);
    if (!answer.has_more) return all;
    page = answer.next_page;
  }
}

/** Sums in each bucket, by what they are parted by; errors are counted by a question of their own. */
export async function load({ from, to, width, by }, signal) {
  const unit = width === 3_600 ? "hour" : "day";
  const groups = by ? [unit, by] : [unit];
  const [rows, failed] = await Promise.all([sums({ from, to, group_by: groups }, signal), sums({ from, to, group_by: groups, outcome: NOT_OK }, signal)]);
  const errors = new Map(failed.map((row) => [`${row[unit]} ${by ? row[by] : ""}`, row.calls]));
  const buckets = [];
  for (let at = Math.floor(from / width) * width; at < to; at += width) buckets.push(at);
  return { buckets, rows: rows.map((row) => ({ ...row, at: row[unit], group: by ? row[by] ?? "none" : null, tokens: row.prompt_tokens + row.completion_tokens, errors: errors.get(`${row[unit]} ${by ? row[by] : ""}`) ?? 0 })) };
}

/** The groups with most calls, in that order, so that one has the same colour in every chart; what is beyond a handful is one together. */
export function ranked({ rows }) {
  const calls = new Map();
  for (const row of rows) calls.set(row.group, (calls.get(row.group) ?? 0) + row.calls);
  const all = [...calls.keys()].sort((a, b) => calls.get(b) - calls.get(a) || String(a).localeCompare(String(b)));
  return all.length <= SHOWN + 1 ? { shown: all, rest: [] } : { shown: all.slice(0, SHOWN), rest: all.slice(SHOWN) };
}

/** What each of them used in each bucket. */
export function series({ buckets, rows }, metric, { shown, rest }, names) {
  const index = new Map(buckets.map((at, number) => [at, number]));
  const all = [...shown.map((group) => ({ name: group === null ? metric : names.get(group) ?? group })), ...(rest.length ? [{ name: `${rest.length} others` }] : [])];
  const place = new Map([...shown.map((group, number) => [group, number]), ...rest.map((group) => [group, shown.length])]);
  for (const each of all) each.values = buckets.map(() => 0);
  for (const row of rows) if (index.has(row.at)) all[place.get(row.group)].values[index.get(row.at)] += row[metric];
  return all;
}
