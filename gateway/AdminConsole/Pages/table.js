import { el } from "./dom.js";

/**
 * A table with a name, and how its rows are made; the first cell of a row names it. On a small screen rows are blocks and cells stand below each
 * other, which takes a table's meaning from it: so the roles are said.
 */
export function table(label, titles, numbers = []) {
  const kind = (at) => numbers.includes(at) ? "number" : null;
  const body = el("tbody", { role: "rowgroup" });
  const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, titles.map((title, at) => el("th", { role: "columnheader", scope: "col", class: kind(at) }, title))));
  return {
    body,
    node: el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, el("table", { role: "table", class: "stacks" }, head, body)),
    row: (cells, attributes) => el("tr", { role: "row", ...attributes }, cells.map((cell, at) => at === 0
      ? el("th", { role: "rowheader", scope: "row" }, cell)
      : el("td", { role: "cell", "data-title": titles[at], class: kind(at) }, el("div", null, cell)))),
  };
}
