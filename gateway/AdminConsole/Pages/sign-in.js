import { el, field, replace } from "./dom.js";
import { reason, session } from "./api.js";

export function signIn(main, { needsKey, over, done }) {
  const key = el("input", { type: "password", name: "key", autocomplete: "current-password", required: needsKey, spellcheck: "false", autocapitalize: "off" });
  const wrong = el("p", { class: "notice bad", role: "alert", hidden: true });
  const go = el("button", { type: "submit", class: "primary" }, "Sign in");
  const form = el("form", { class: "card sign-in", novalidate: true },
    el("h1", null, "Sign in"),
    over ? el("p", { class: "notice" }, "The session is over. Sign in again.") : null,
    needsKey ? field("Admin key", key, "The gateway's admin key, or a key of the scope admin.") : el("p", null, "There is no key yet, so this machine needs none."),
    wrong, el("div", { class: "row end" }, go));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (go.disabled) return;
    if (needsKey && !key.value.trim()) { fail("Type the key."); return; }
    go.disabled = true;
    wrong.hidden = true;
    try {
      const begun = await session.begin(key.value.trim());
      key.value = "";
      done(begun);
    } catch (error) {
      fail(reason(error));
    } finally {
      go.disabled = false;
    }
  });
  function fail(text) {
    wrong.textContent = text;
    wrong.hidden = false;
    key.setAttribute("aria-invalid", "true");
    key.select();
    key.focus();
  }
  replace(main, form);
  (needsKey ? key : go).focus();
  return () => {};
}
