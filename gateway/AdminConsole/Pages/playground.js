import { append, el, field, replace, say } from "./dom.js";
import { get, reason } from "./api.js";
import { complete } from "./completion.js";
import { copyButton } from "./copy.js";
import { curl } from "./curl.js";
import { count, milliseconds } from "./format.js";

export function playground(place, { serves_calls: servesCalls }) {
  const model = el("select", { name: "model", required: true });
  const system = el("textarea", { name: "system", rows: "3", placeholder: "You are a helpful assistant." });
  const temperature = el("input", { name: "temperature", type: "number", min: "0", max: "2", step: "0.1", placeholder: "the model's own" });
  const limit = el("input", { name: "limit", type: "number", min: "1", step: "1", placeholder: "the model's own" });
  const streams = el("input", { name: "stream", type: "checkbox", checked: true });
  const log = el("ol", { class: "talk", "aria-label": "Conversation", tabindex: "0" });
  const empty = el("p", { class: "quiet-text" }, "Nothing said yet. What is written here goes to the model as any client's call would.");
  const question = el("textarea", { name: "question", rows: "3", required: true });
  const go = el("button", { type: "submit", class: "primary" }, "Send");
  const stop = el("button", { type: "button", class: "danger", hidden: true }, "Stop");
  const clear = el("button", { type: "button" }, "Clear");
  const talk = []; // what was said and answered, as messages
  let running = null;

  const number = (input) => input.value === "" ? undefined : Number(input.value);
  const request = (more = []) => ({
    model: model.value,
    messages: [...(system.value.trim() ? [{ role: "system", content: system.value }] : []), ...talk, ...more],
    temperature: number(temperature),
    max_tokens: number(limit),
    ...(streams.checked ? { stream: true, stream_options: { include_usage: true } } : {}),
  });
  const asCurl = copyButton("Copy as curl", () => curl(request(question.value ? [{ role: "user", content: question.value }] : []), servesCalls));

  const form = el("form", { class: "ask" }, field("Message", question, "Enter sends, Shift+Enter begins a new line."), el("div", { class: "row" }, go, stop, clear, asCurl));
  append(place, [el("div", { class: "split" },
    el("div", { class: "card talking" }, empty, log, form),
    el("form", { class: "card settings", "aria-label": "Settings", onsubmit: (event) => event.preventDefault() },
      field("Model", model), field("System prompt", system), field("Temperature", temperature, "From 0 to 2."), field("Most tokens", limit),
      el("label", { class: "check" }, streams, "Stream the answer")))]);

  const turn = (role, title) => {
    const body = el("div", { class: "text" });
    const item = el("li", { class: `turn ${role}` }, el("h2", null, title), body);
    log.append(item);
    empty.hidden = true;
    return { item, body };
  };

  async function run(event) {
    event?.preventDefault();
    if (running || !question.value.trim() || !model.value) return;
    const said = { role: "user", content: question.value };
    const sent = request([said]);
    turn("user", "You").body.textContent = said.content;
    const { item, body } = turn("assistant", model.value);
    const thoughts = el("div", { class: "text" });
    const thinking = el("details", { class: "thoughts", open: true, hidden: true }, el("summary", null, "Reasoning"), thoughts);
    body.before(thinking);
    const facts = el("p", { class: "facts" });
    item.append(facts);
    question.value = "";
    running = new AbortController();
    [go.hidden, stop.hidden] = [true, false];
    stop.focus();
    const bottom = () => { log.scrollTop = log.scrollHeight; };
    bottom();
    let answer = "";
    try {
      const result = await complete(sent, {
        signal: running.signal,
        text: (piece) => { answer += piece; body.append(piece); bottom(); },
        thought: (piece) => { thinking.hidden = false; thoughts.append(piece); bottom(); },
        seen: (times) => { facts.textContent = summary(times); },
      });
      facts.textContent = summary(result);
      if (result.calls.length) body.append(el("pre", { class: "calls" }, JSON.stringify(result.calls, null, 2)));
      talk.push(said, { role: "assistant", content: answer });
      say(result.stopped ? "Stopped" : "The answer is complete");
      if (result.stopped) item.append(el("p", { class: "notice" }, "Stopped."));
    } catch (error) {
      item.append(failure(error));
      if (answer) talk.push(said, { role: "assistant", content: answer });
      say("The call failed");
    } finally {
      running = null;
      [go.hidden, stop.hidden] = [false, true];
      bottom();
      if (place.isConnected) question.focus();
    }
  }

  form.addEventListener("submit", run);
  question.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) run(event); });
  stop.addEventListener("click", () => running?.abort());
  clear.addEventListener("click", () => {
    running?.abort();
    talk.length = 0;
    replace(log);
    empty.hidden = false;
    question.focus();
  });

  get("/playground/models").then(({ data }) => {
    replace(model, data.map((entry) => el("option", { value: entry.id }, entry.id)));
    if (!data.length) throw new Error("The gateway serves no model yet.");
  }).catch((error) => replace(empty, reason(error)));
  return () => running?.abort();
}

const words = (usage) => usage ? `${count(usage.prompt_tokens)} tokens read, ${count(usage.completion_tokens)} made` : null;

function summary({ first, rate, total, usage, finish, upstream, attempts }) {
  return [
    first === null ? null : `first token ${milliseconds(first)}`, rate === null ? null : `${rate.toFixed(1)} tokens/s`, words(usage), total === null ? null : `${milliseconds(total)} in all`,
    finish ? `ended by ${finish}` : null, upstream ? `from ${upstream}` : null, attempts > 1 ? `${attempts} attempts` : null,
  ].filter(Boolean).join(" · ");
}

function failure(error) {
  const facts = [error.status ? `status ${error.status}` : null, error.code, error.param ? `parameter ${error.param}` : null, error.requestId ? `request ${error.requestId}` : null].filter(Boolean).join(" · ");
  return el("div", { class: "notice bad" }, el("p", null, reason(error)), facts ? el("p", { class: "facts" }, facts) : null);
}
