import { el, field } from "./dom.js";

const SCOPES = { inference: "calls to models", files: "uploads", "fine-tuning": "training jobs", admin: "this console and its API" };
const NUMBERS = [
  ["requests_per_minute", "Calls per minute", 1], ["requests_per_day", "Calls per day", 1], ["tokens_per_minute", "Tokens per minute", 1], ["tokens_per_day", "Tokens per day", 1],
  ["max_concurrent", "Calls at once", 1], ["budget_per_day", "Money per day", "any"], ["budget_per_month", "Money per month", "any"],
];

/** What there is to say of a key. */
export function keyFields(entry) {
  const text = (name, value, more) => el("input", { type: "text", name, value: value ?? "", autocomplete: "off", maxlength: "128", ...more });
  const scopes = entry?.scopes ?? ["inference"];
  return [
    field("Name", text("name", entry?.name, { required: true })), field("Team", text("team", entry?.team), "Its keys share the team's limits."),
    el("fieldset", null, el("legend", null, "Scopes"), Object.entries(SCOPES).map(([scope, says]) => el("label", { class: "check" }, el("input", { type: "checkbox", name: "scope", value: scope, checked: scopes.includes(scope) }), `${scope}: ${says}`))),
    field("Models", text("models", (entry?.models ?? ["*"]).join(", "), { maxlength: null, required: true }), "Names parted by commas; * stands for one or more characters."),
    field("Expires", el("input", { type: "datetime-local", name: "expires", value: entry?.expires_at ? local(entry.expires_at) : "" }), "In this browser's time; empty for never."),
    el("fieldset", { class: "numbers" }, el("legend", null, "Limits; empty for none"), NUMBERS.map(([name, title, step]) => field(title, el("input", { type: "number", name, min: "0", step, value: entry?.[name] ?? "" })))),
  ];
}

/** The same as the API takes it: what is empty is left out of a new key, and taken from one that there is. */
export function readKey(form, isNew) {
  const key = {
    name: form.elements.name.value.trim(),
    team: form.elements.team.value.trim() || null,
    scopes: [...form.querySelectorAll("[name=scope]:checked")].map((box) => box.value),
    models: form.elements.models.value.split(",").map((name) => name.trim()).filter(Boolean),
    expires_at: form.elements.expires.value ? Math.floor(new Date(form.elements.expires.value).getTime() / 1_000) : null,
  };
  for (const [name] of NUMBERS) key[name] = form.elements[name].value === "" ? null : Number(form.elements[name].value);
  if (!key.scopes.length) throw new Error("Choose at least one scope.");
  return isNew ? Object.fromEntries(Object.entries(key).filter(([, value]) => value !== null)) : key;
}

function local(unix) {
  const date = new Date(unix * 1_000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
