import { el, replace, say } from "./dom.js";
import { reason, session } from "./api.js";
import { signIn } from "./sign-in.js";
import { playground } from "./playground.js";
import { keys } from "./keys.js";
import { usage } from "./usage.js";
import { upstreams } from "./upstreams.js";
import { audit } from "./audit.js";

// A view puts itself into the element that it is given, and returns what ends it.
const views = { playground: ["Playground", playground], keys: ["Keys", keys], usage: ["Usage", usage], upstreams: ["Upstreams", upstreams], audit: ["Audit", audit] };
const [main, nav, who, leave, theme] = ["main", "nav", "who", "leave", "theme"].map((id) => document.getElementById(id));
let [entry, end, over] = [null, null, false];

const asked = () => location.hash.replace(/^#\//, "");

function show(focus) {
  end?.();
  end = null;
  const signedIn = entry?.signed_in === true;
  for (const part of [nav, leave, who]) part.hidden = !signedIn;
  if (!signedIn) {
    document.title = "Sign in · Gateway console";
    end = signIn(main, { needsKey: entry?.needs_key !== false, over, done: (begun) => { [entry, over] = [begun, false]; show(true); } });
    return;
  }

  who.textContent = entry.name;
  const name = Object.hasOwn(views, asked()) ? asked() : "playground";
  replace(nav, Object.entries(views).map(([id, [title]]) => el("a", { href: `#/${id}`, "aria-current": id === name ? "page" : null }, title)));
  document.title = `${views[name][0]} · Gateway console`;
  const place = el("section", { class: `view ${name}`, "aria-labelledby": "title" }, el("h1", { id: "title", tabindex: "-1" }, views[name][0]));
  replace(main, place);
  end = views[name][1](place, entry);
  if (focus) {
    document.getElementById("title").focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

addEventListener("hashchange", () => show(true));
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address says which view there is
  main.focus();
});
addEventListener("session-over", () => {
  if (!entry?.signed_in) return;
  [entry, over] = [{ signed_in: false, needs_key: entry.needs_key }, true];
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  show(true);
});
leave.addEventListener("click", async () => {
  try { entry = await session.end(); } catch { entry = { signed_in: false, needs_key: true }; }
  over = false;
  show(true);
  say("Signed out");
});

const themes = { system: "Theme: system", light: "Theme: light", dark: "Theme: dark" };
function nameTheme() { theme.textContent = themes[gatewayTheme.get()]; }
theme.addEventListener("click", () => {
  const order = Object.keys(themes);
  gatewayTheme.set(order[(order.indexOf(gatewayTheme.get()) + 1) % order.length]);
  nameTheme();
});
nameTheme();

try {
  entry = await session.show();
  if (!entry.signed_in && !entry.needs_key) entry = await session.begin();
  show(false);
} catch (error) {
  replace(main, el("p", { class: "notice bad", role: "alert" }, reason(error)));
}
