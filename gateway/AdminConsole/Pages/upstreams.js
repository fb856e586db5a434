import { append, el, replace } from "./dom.js";
import { get, reason } from "./api.js";
import { query, queues } from "./queues.js";
import { table } from "./table.js";
import { ago, count, milliseconds, time } from "./format.js";

const EVERY = 2_000;

/** Upstreams, and who runs and waits, as they are; asked for again while somebody may look. */
export function upstreams(place) {
  const when = el("p", { class: "quiet-text" }, "Asking…");
  const wrong = el("p", { class: "notice bad", role: "alert", hidden: true });
  const list = el("div", { class: "upstream-list" });
  const lines = el("section", { class: "card queues", "aria-label": "Queues", hidden: true });
  const drawLines = queues(lines);
  append(place, [when, wrong, lines, list]);
  const over = new AbortController();
  let timer = null;

  async function look() {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      const [{ data }, waiting] = await Promise.all([get("/upstreams", null, over.signal), get("/queues", query, over.signal)]);
      draw(list, data);
      drawLines(waiting);
      lines.hidden = false;
      wrong.hidden = true;
      when.textContent = data.length ? `As of ${time(Date.now() / 1_000)}, looked at again every two seconds.` : "There is no upstream: set Gateway:Upstreams or Gateway:ModelsFolder.";
    } catch (error) {
      if (over.signal.aborted) return;
      wrong.textContent = `${reason(error)} What is shown below may be old.`;
      wrong.hidden = false;
    }
    if (!over.signal.aborted) timer = setTimeout(look, EVERY);
  }

  document.addEventListener("visibilitychange", look, { signal: over.signal });
  look();
  return () => { over.abort(); clearTimeout(timer); };
}

// Cards stay where they are, and only what they say is new: whoever reads or stands in one is not thrown out of it.
function draw(list, data) {
  const known = new Map([...list.children].map((card) => [card.dataset.name, card]));
  data.forEach((upstream, index) => {
    const card = known.get(upstream.name) ?? el("article", { class: "card upstream", "data-name": upstream.name });
    known.delete(upstream.name);
    if (list.children[index] !== card) list.insertBefore(card, list.children[index] ?? null);
    const text = JSON.stringify(upstream);
    if (card.said === text) return;
    card.said = text;
    replace(card, head(upstream), counts(upstream), upstream.targets.length ? targets(upstream) : el("p", { class: "quiet-text" }, "No model is served from here."));
  });
  for (const gone of known.values()) gone.remove();
}

function standing({ up, loaded, targets }) {
  if (!up) return ["bad", "down"];
  if (loaded === false) return ["idle", "not loaded"];
  const off = targets.filter((target) => target.breaker === "open" || target.breaker === "ejected");
  if (off.length && off.length === targets.length) return ["bad", off.some((target) => target.breaker === "open") ? "breaker open" : "ejected"];
  const trying = targets.filter((target) => target.breaker === "half-open");
  if (trying.length && trying.length === targets.length) return ["fair", "tried again"];
  return off.length + trying.length ? ["fair", "partly up"] : ["good", "up"];
}

const pill = ([kind, text]) => el("span", { class: `pill ${kind}` }, text);
const head = (upstream) => el("header", null, el("h2", null, upstream.name), pill(standing(upstream)), el("span", { class: "quiet-text" }, upstream.kind));

function meter(label, value, most, text) {
  const bar = el("meter", { min: "0", max: String(most), value: String(Math.min(value, most)), "aria-label": label });
  return el("div", null, el("dt", null, label), el("dd", null, text, most ? bar : null));
}

function counts({ calls, max_concurrent: most, load, targets }) {
  return el("dl", { class: "counts" },
    meter("Calls in flight", calls, most ?? 0, most ? `${count(calls)} of ${count(most)}` : count(calls)),
    el("div", null, el("dt", null, "Outstanding tokens"), el("dd", null, count(targets.reduce((sum, target) => sum + target.outstanding_tokens, 0)))),
    load ? [
      el("div", null, el("dt", null, "Being computed"), el("dd", null, count(load.running))),
      el("div", null, el("dt", null, "Waiting in its queue"), el("dd", null, count(load.waiting))),
      meter("KV cache", load.cache_usage, 1, `${Math.round(load.cache_usage * 100)} %`)] : null);
}

const failure = ({ reason, detail, at }) => `${detail ? `${reason} (${detail})` : reason}, ${ago(at)}`;

const breakers = { closed: "good", "half-open": "fair", open: "bad", ejected: "bad" };

function targets({ name, targets: all }) {
  const shown = table(`Models of ${name}`, ["Model", "Breaker", "Order", "Weight", "Outstanding", "p50", "p95", "Last failure"], [2, 3, 4, 5, 6]);
  shown.body.append(...all.map((target) => shown.row([
    [target.model, target.model_there && target.model_there !== target.model ? el("span", { class: "quiet-text" }, ` as ${target.model_there}`) : null],
    [pill([breakers[target.breaker] ?? "idle", target.breaker]), target.available_in_seconds ? ` for ${Math.ceil(target.available_in_seconds)} s` : null],
    target.order, target.weight, count(target.outstanding_tokens), milliseconds(target.latency_p50_ms), milliseconds(target.latency_p95_ms),
    target.last_failure ? failure(target.last_failure) : "–",
  ])));
  return shown.node;
}
