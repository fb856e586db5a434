import { append, el, field, replace, say } from "./dom.js";
import { get, reason, send } from "./api.js";
import { confirm, openForm } from "./dialog.js";
import { copyButton } from "./copy.js";
import { keyFields, readKey } from "./key-form.js";
import { table } from "./table.js";
import { at, count, day, money } from "./format.js";

/** The keys of the database; those of the settings are not here, and cannot be changed here. */
export function keys(place) {
  const wrong = el("p", { class: "notice bad", role: "alert", hidden: true });
  const all = table("Keys", ["Name", "Key", "Team", "Scopes", "Limits", "Expires", "State", "Actions"]);
  const rows = all.body;
  const none = el("p", { class: "quiet-text", hidden: true }, "There is no key in the database yet.");
  const more = el("button", { type: "button", hidden: true, onclick: () => load() }, "Show more");
  const make = el("button", { type: "button", class: "primary", onclick: create }, "Create a key");
  append(place, [
    el("div", { class: "row apart" }, el("p", { class: "quiet-text" }, "Keys of the database. Those of the settings are changed there."), make), wrong,
    el("div", { class: "card" }, all.node, none), more]);
  const over = new AbortController();
  let after = null;

  async function load() {
    await trying(async () => {
      const page = await get("/keys", { limit: 50, after }, over.signal);
      append(rows, page.data.map(row));
      after = page.last_id;
      more.hidden = !page.has_more;
    });
    none.hidden = rows.childElementCount > 0;
  }

  async function trying(act) {
    try {
      await act();
      wrong.hidden = true;
    } catch (error) {
      if (over.signal.aborted) return;
      replace(wrong, reason(error));
      wrong.hidden = false;
    }
  }

  function renew(entry) {
    const next = row(entry);
    const old = [...rows.children].find((each) => each.dataset.id === entry.id);
    const button = old?.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    if (old) old.replaceWith(next);
    else rows.prepend(next);
    none.hidden = true;
    if (button) next.querySelector(`[data-act=${button}]`)?.focus();
  }

  async function create() {
    const made = await openForm({ title: "Create a key", body: keyFields(), submit: "Create", act: (form) => send("POST", "/keys", readKey(form, true)) });
    if (!made) return;
    renew(made);
    await reveal(made);
  }

  async function edit(entry) {
    const changed = await openForm({ title: `Change ${entry.name}`, body: keyFields(entry), submit: "Save", act: (form) => send("PATCH", `/keys/${entry.id}`, readKey(form, false)) });
    if (changed) renew(changed);
  }

  const toggle = (entry) => trying(async () => {
    const changed = await send("PATCH", `/keys/${entry.id}`, { disabled: !entry.disabled });
    renew(changed);
    say(`${changed.name} is ${changed.disabled ? "disabled" : "enabled"}`);
  });

  async function rotate(entry) {
    const grace = el("input", { type: "number", min: "0", step: "1", value: "60", required: true, name: "grace" });
    const made = await openForm({
      title: `Rotate ${entry.name}`, submit: "Rotate",
      body: [el("p", null, "There will be another secret. The one in use goes on for the time below, and then opens nothing."), field("Minutes that the old one goes on", grace)],
      act: () => send("POST", `/keys/${entry.id}/rotate`, { grace: Number(grace.value) * 60 }),
    });
    if (!made) return;
    renew(made);
    await reveal(made);
  }

  async function remove(entry) {
    const gone = await confirm(`Delete ${entry.name}?`, "Who uses this key is refused from now on. What it used stays in the usage.", "Delete", () => send("DELETE", `/keys/${entry.id}`));
    if (!gone) return;
    [...rows.children].find((each) => each.dataset.id === entry.id)?.remove();
    none.hidden = rows.childElementCount > 0;
    make.focus();
    say(`${entry.name} is deleted`);
  }

  function row(entry) {
    const action = (act, title, run, kind) => el("button", { type: "button", class: kind ?? "small", "data-act": act, "aria-label": `${title} ${entry.name}`, onclick: () => run(entry) }, title);
    const state = entry.disabled ? ["bad", "disabled"] : entry.expires_at && entry.expires_at * 1_000 <= Date.now() ? ["idle", "expired"] : ["good", "active"];
    return all.row([
      entry.name, el("code", null, entry.prefix), entry.team ?? "–",
      [entry.scopes.join(", "), entry.models.length === 1 && entry.models[0] === "*" ? null : el("div", { class: "quiet-text" }, entry.models.join(", "))],
      limits(entry), entry.expires_at ? el("span", { title: at(entry.expires_at) }, day(entry.expires_at)) : "never", el("span", { class: `pill ${state[0]}` }, state[1]),
      el("div", { class: "row tight" }, action("toggle", entry.disabled ? "Enable" : "Disable", toggle), action("edit", "Change", edit), action("rotate", "Rotate", rotate), action("delete", "Delete", remove, "small danger")),
    ], { "data-id": entry.id });
  }

  load();
  return () => over.abort();
}

function limits(entry) {
  const all = [
    ["requests_per_minute", "calls/min", count], ["requests_per_day", "calls/day", count], ["tokens_per_minute", "tokens/min", count], ["tokens_per_day", "tokens/day", count],
    ["max_concurrent", "at once", count], ["budget_per_day", "money/day", money], ["budget_per_month", "money/month", money],
  ].filter(([name]) => entry[name] !== null && entry[name] !== undefined).map(([name, unit, shown]) => `${shown(entry[name])} ${unit}`);
  return all.length ? all.map((text) => el("div", null, text)) : "none";
}

// The one time that anybody sees it.
function reveal(made) {
  const shown = el("input", { type: "text", readonly: true, value: made.key, class: "secret", "aria-label": `The key of ${made.name}`, onfocus: (event) => event.target.select() });
  return openForm({
    title: "The key, this once", cancel: "Done",
    body: [el("p", null, "Copy it now. It is kept as a hash, so nobody can show it again."), el("div", { class: "row" }, shown, copyButton("Copy", made.key))],
  });
}
