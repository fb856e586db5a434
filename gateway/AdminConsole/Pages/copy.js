import { el, say } from "./dom.js";

async function copy(text) {
  if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
  // Plain HTTP on another machine: the browser has only the old way.
  const area = el("textarea", { class: "unseen", value: text });
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("The browser does not let a page copy here.");
}

/** A button that copies, and says so. */
export function copyButton(label, text) {
  const button = el("button", { type: "button", onclick: async () => {
    try {
      await copy(typeof text === "function" ? text() : text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not copied";
    }
    say(button.textContent);
    setTimeout(() => { button.textContent = label; }, 1_500);
  } }, label);
  return button;
}
