import { append, el, replace, say, svg } from "./dom.js";
import { thinned, ticks } from "./ticks.js";

const [HEIGHT, TOP, BOTTOM, LEFT, RIGHT, GAP] = [260, 12, 30, 64, 12, 6];
export const COLOURS = 7;

/**
 * Stacked bars over time. Series are { name, values } in the buckets' order. Arrow keys walk through the buckets as the pointer does, and
 * a table has the same numbers.
 */
export function chart(place, { title, buckets, series, format, axis = format, name, wholes }) {
  const totals = buckets.map((_, index) => series.reduce((sum, each) => sum + each.values[index], 0));
  const steps = ticks(Math.max(0, ...totals), 5, wholes);
  const tip = el("div", { class: "tip", hidden: true });
  const drawing = svg("svg", { class: "chart", height: HEIGHT, tabindex: "0", role: "img", "aria-label": `${title}. Left and right arrow keys say each time's numbers.` });
  const frame = el("div", { class: "chart-frame" }, drawing, tip);
  replace(place, frame, legend(series), table(title, buckets, series, totals, format, name));
  let [width, at] = [0, -1];
  const x = (index) => LEFT + (width - LEFT - RIGHT) * index / buckets.length;
  const y = (value) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / steps[steps.length - 1];

  function draw() {
    width = Math.max(240, frame.clientWidth);
    replace(drawing);
    for (const [attribute, value] of [["width", width], ["viewBox", `0 0 ${width} ${HEIGHT}`]]) drawing.setAttribute(attribute, value);
    append(drawing, steps.map((step) => [
      svg("line", { class: "rule", x1: LEFT, x2: width - RIGHT, y1: y(step), y2: y(step) }),
      svg("text", { class: "tick", x: LEFT - 8, y: y(step) + 4, "text-anchor": "end" }, axis(step))]));
    const slot = x(1) - x(0);
    append(drawing, buckets.map((bucket, index) => {
      let below = 0;
      return svg("g", { class: "bucket", "data-index": index }, svg("rect", { class: "slot", x: x(index), y: TOP, width: slot, height: HEIGHT - TOP - BOTTOM }), series.map((each, number) => {
        const from = below;
        below += each.values[index];
        return each.values[index] > 0 ? svg("rect", { class: `c${number % COLOURS}`, x: x(index) + slot * 0.12, width: Math.max(1, slot * 0.76), y: y(below), height: Math.max(0.5, y(from) - y(below)) }) : null;
      }));
    }));
    append(drawing, thinned(buckets.map((bucket, index) => [bucket, index]), Math.max(2, Math.floor(width / 110))).map(([bucket, index]) =>
      svg("text", { class: "tick", x: x(index) + slot / 2, y: HEIGHT - 10, "text-anchor": index === 0 && slot < 60 ? "start" : "middle" }, name(bucket, true))));
    mark(at, false);
  }

  function mark(index, aloud) {
    at = index;
    for (const group of drawing.querySelectorAll(".bucket")) group.classList.toggle("on", Number(group.dataset.index) === index);
    tip.hidden = index < 0;
    if (index < 0) return;
    const parts = series.map((each, number) => [each, number]).filter(([each]) => each.values[index] > 0);
    replace(tip, el("strong", null, name(buckets[index])), parts.map(([each, number]) => el("div", null, el("i", { class: `swatch c${number % COLOURS}` }), `${each.name} `, el("b", null, format(each.values[index])))),
      parts.length === 1 ? null : el("div", { class: "sum" }, "in all ", el("b", null, format(totals[index]))));
    // Beside the bar that it is of, where there is room.
    const beside = index < buckets.length / 2 ? x(index + 1) + GAP : x(index) - GAP - tip.offsetWidth;
    tip.style.left = `${Math.max(0, Math.min(beside, width - tip.offsetWidth))}px`;
    if (aloud) say(`${name(buckets[index])}: ${parts.map(([each]) => `${each.name} ${format(each.values[index])}`).join(", ") || format(0)}`);
  }

  drawing.addEventListener("pointermove", (event) => mark(event.target.closest?.(".bucket") ? Number(event.target.closest(".bucket").dataset.index) : -1, false));
  drawing.addEventListener("pointerleave", () => mark(-1, false));
  drawing.addEventListener("blur", () => mark(-1, false));
  drawing.addEventListener("keydown", (event) => {
    const last = buckets.length - 1;
    const next = { ArrowRight: Math.min(last, at + 1), ArrowLeft: at < 0 ? last : Math.max(0, at - 1), Home: 0, End: last, Escape: -1 }[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    mark(next, next >= 0);
  });
  const sized = new ResizeObserver(() => { if (frame.clientWidth !== width) draw(); });
  sized.observe(frame);
  draw();
  return () => sized.disconnect();
}

const legend = (series) => el("ul", { class: "legend" }, series.map((each, number) => el("li", null, el("i", { class: `swatch c${number % COLOURS}` }), each.name)));

function table(title, buckets, series, totals, format, name) {
  const several = series.length > 1;
  return el("details", { class: "numbers-table" }, el("summary", null, "The same as a table"), el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${title}, as a table` }, el("table", null,
    el("caption", null, title),
    el("thead", null, el("tr", null, el("th", { scope: "col" }, "Time"), series.map((each) => el("th", { scope: "col", class: "number" }, each.name)), several ? el("th", { scope: "col", class: "number" }, "In all") : null)),
    el("tbody", null, buckets.map((bucket, index) => el("tr", null, el("th", { scope: "row" }, name(bucket)),
      series.map((each) => el("td", { class: "number" }, format(each.values[index]))), several ? el("td", { class: "number" }, format(totals[index])) : null))))));
}
