import { el, replace } from "./dom.js";
import { count, seconds } from "./format.js";
import { table } from "./table.js";

const MOST = 50;
const TITLES = ["Whose", "Team", "Running", "Waiting", "Longest wait", "Held by"];

/** Keys and teams whose calls run or wait now. The table stays, and rows only change what they say. */
export function queues(place) {
  const shown = table("Calls by key and team", TITLES, [2, 3, 4]);
  const sum = el("p", { class: "quiet-text" });
  const none = el("p", { class: "quiet-text" }, "No call runs or waits.");
  const rows = el("div", { hidden: true }, shown.node);
  replace(place, el("h2", null, "Calls by key and team"), sum, none, rows);
  let said = "";

  return ({ running, waiting, data, has_more: more }) => {
    sum.textContent = `${count(running)} running, ${count(waiting)} waiting for a place${more ? `; the first ${MOST} of them are shown` : ""}.`;
    sum.hidden = rows.hidden = data.length === 0;
    none.hidden = data.length > 0;
    const text = JSON.stringify(data);
    if (text === said) return;
    said = text;
    const known = new Map([...shown.body.children].map((row) => [row.dataset.of, row]));
    data.forEach((one, index) => {
      const of = `${one.kind} ${one.id}`;
      const row = shown.row(cells(one), { "data-of": of, class: one.waiting ? "waits" : null });
      const old = known.get(of);
      known.delete(of);
      if (old && old === shown.body.children[index]) old.replaceWith(row);
      else {
        old?.remove();
        shown.body.insertBefore(row, shown.body.children[index] ?? null);
      }
    });
    for (const gone of known.values()) gone.remove();
  };
}

export const query = { limit: MOST };

const pill = (kind, text) => el("span", { class: `pill ${kind}` }, text);

function cells({ kind, name, team, running, max_concurrent: most, waiting, priority, oldest_wait_seconds: oldest, held_by: held }) {
  return [
    [kind === "team" ? el("span", { class: "quiet-text" }, "team ") : null, name],
    team ?? "–",
    [most ? `${count(running)} of ${count(most)}` : count(running), most ? el("meter", { min: "0", max: String(most), value: String(Math.min(running, most)), "aria-label": `Places of ${name} that are taken` }) : null],
    waiting ? [pill("fair", count(waiting)), priority ? ` priority ${priority}` : null] : "0",
    oldest === null ? "–" : seconds(oldest),
    held ? `${held.owner === "team" ? "team " : ""}${held.name}: at most ${count(held.limit)} calls at once` : "–",
  ];
}
