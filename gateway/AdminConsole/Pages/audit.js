import { append, el, replace } from "./dom.js";
import { get, reason } from "./api.js";
import { table } from "./table.js";
import { at } from "./format.js";

/** Who changed what, newest first. */
export function audit(place) {
  const wrong = el("p", { class: "notice bad", role: "alert", hidden: true });
  const all = table("Changes", ["When", "Who", "What", "Of", "From", "Details"]);
  const rows = all.body;
  const more = el("button", { type: "button", hidden: true, onclick: () => load() }, "Show older ones");
  const none = el("p", { class: "quiet-text", hidden: true }, "Nothing was changed yet.");
  append(place, [wrong, el("div", { class: "card" }, all.node, none), more]);
  const over = new AbortController();
  let after = null;

  async function load() {
    try {
      const page = await get("/audit", { limit: 50, after }, over.signal);
      append(rows, page.data.map((entry) => all.row(cells(entry))));
      after = page.last_id;
      more.hidden = !page.has_more;
      none.hidden = rows.childElementCount > 0;
      wrong.hidden = true;
    } catch (error) {
      if (over.signal.aborted) return;
      replace(wrong, reason(error));
      wrong.hidden = false;
    }
  }

  load();
  return () => over.abort();
}

function cells(entry) {
  const json = (title, value) => value ? [el("h3", null, title), el("pre", null, JSON.stringify(value, null, 2))] : null;
  return [
    at(entry.at), entry.who, entry.what, el("code", null, entry.target), entry.address ?? "–",
    entry.before || entry.after ? el("details", null, el("summary", { "aria-label": `Show ${entry.what} of ${entry.target}` }, "Show"), json("Before", entry.before), json("After", entry.after)) : "–",
  ];
}
