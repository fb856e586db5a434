// The admin API, by the session's cookie, which no script sees.
const ROOT = "/admin/v1";
let csrf = null;

/** A refusal, as the gateway said it. */
export class Refusal extends Error {
  constructor(status, error, requestId) {
    super(error?.message ?? `The gateway answered with status ${status}.`);
    this.status = status;
    this.code = error?.code ?? null;
    this.param = error?.param ?? null;
    this.requestId = requestId;
  }
}

export const session = {
  async show() { return keep(await get("/session")); },
  async begin(key) { return keep(await send("POST", "/session", key ? { key } : {})); },
  async end() { return keep(await send("DELETE", "/session")); },
};

function keep(entry) {
  csrf = entry.csrf;
  return entry;
}

/** The answer as it comes; refusals are thrown. A session that is over is told to the page. */
export async function ask(method, path, { body, signal } = {}) {
  const headers = {};
  if (csrf) headers["x-gateway-csrf"] = csrf;
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(ROOT + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal, cache: "no-store", credentials: "same-origin", redirect: "error" });
  if (answer.ok) return answer;
  const text = await answer.text();
  let error = null;
  try { error = JSON.parse(text).error; } catch { /* not the gateway's: something before it */ }
  if (answer.status === 401 && path !== "/session") dispatchEvent(new CustomEvent("session-over"));
  throw new Refusal(answer.status, error, answer.headers.get("x-request-id"));
}

export async function send(method, path, body, signal) { return (await ask(method, path, { body, signal })).json(); }

export function get(path, query, signal) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    for (const one of [value].flat()) if (one !== null && one !== undefined && one !== "") search.append(name, one);
  return send("GET", search.size ? `${path}?${search}` : path, undefined, signal);
}

/** What to say of anything that went wrong. */
export const reason = (error) => error instanceof Refusal ? error.message : error instanceof TypeError ? "The gateway cannot be reached." : String(error?.message ?? error);
