import { el, replace } from "./dom.js";
import { reason } from "./api.js";

/** A dialog that answers with what its form made of it, or null. Escape closes it, and focus goes back to where it was. */
export function openForm({ title, body, submit, danger, act, cancel = "Cancel" }) {
  return new Promise((resolve) => {
    const back = document.activeElement;
    const wrong = el("p", { class: "notice bad", role: "alert", hidden: true });
    const go = submit ? el("button", { type: "submit", class: danger ? "danger" : "primary" }, submit) : null;
    const stop = el("button", { type: "button", onclick: () => dialog.close() }, cancel);
    const form = el("form", { novalidate: true }, el("h2", { id: "dialog-title" }, title), body, wrong, el("div", { class: "row end" }, stop, go));
    const dialog = el("dialog", { "aria-labelledby": "dialog-title" }, form);
    let result = null;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!go || go.disabled) return;
      wrong.hidden = true;
      if (!form.checkValidity()) { form.reportValidity(); return; }
      go.disabled = true;
      try {
        result = (await act?.(form)) ?? true;
        dialog.close();
      } catch (error) {
        replace(wrong, reason(error), error.param ? ` (${error.param})` : "");
        wrong.hidden = false;
      } finally {
        go.disabled = false;
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (back?.isConnected) back.focus();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    (danger ? stop : form.querySelector("input, select, textarea"))?.focus();
  });
}

/** Whether somebody means it. */
export const confirm = (title, text, submit, act) => openForm({ title, body: el("p", null, text), submit, danger: true, act });
