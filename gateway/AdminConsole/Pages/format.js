// Numbers and times as people read them, in the browser's language where it matters.
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const count = (value) => whole.format(value);
export const compact = (value) => Math.abs(value) < 10_000 ? String(Math.round(value * 100) / 100) : short.format(value);

/** With the digits that it has. */
export const plain = (value) => value.toLocaleString("en", { maximumFractionDigits: 12 });

/** Money without a currency: prices have none. Small sums keep the digits that say something. */
export function money(value) {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 100 ? 2 : size >= 1 ? 3 : Math.min(8, 2 - Math.floor(Math.log10(size)) + 1);
  return new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: Math.max(2, digits) }).format(value);
}

export function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  return value < 1 ? `${value.toFixed(2)} ms` : value < 1_000 ? `${value < 10 ? value.toFixed(1) : Math.round(value)} ms` : `${(value / 1_000).toFixed(value < 10_000 ? 2 : 1)} s`;
}

/** A time that somebody waits. */
export const seconds = (value) => value < 10 ? `${value.toFixed(1)} s` : value < 120 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`;

const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export const day = (unix) => date.format(unix * 1_000);
export const at = (unix) => moment.format(unix * 1_000);
export const time = (unix) => clock.format(unix * 1_000);

export function ago(unix, now = Date.now() / 1_000) {
  const seconds = Math.max(0, now - unix);
  return seconds < 60 ? `${Math.floor(seconds)} s ago` : seconds < 3_600 ? `${Math.floor(seconds / 60)} min ago` : seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h ago` : day(unix);
}
