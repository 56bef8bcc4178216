// Numbers, sizes and times as people read them.

const whole = new Intl.NumberFormat("en");
const tenth = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const two = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export const number = (value) => whole.format(value);
export const counted = (value, one, many = `${one}s`) => `${whole.format(value)} ${value === 1 ? one : many}`;

export function bytes(value) {
  if (value < 1000) return `${value} B`;
  if (value < 1e6) return `${tenth.format(value / 1e3)} kB`;
  return value < 1e9 ? `${tenth.format(value / 1e6)} MB` : `${tenth.format(value / 1e9)} GB`;
}

export function share(before, after) { // of the bytes that is gone
  return `${-percentOf(before, after)} %`;
}

function percentOf(before, after) { // 100 % less would be nothing, and no picture is
  return before ? Math.max(-99, Math.round((100 * (after - before)) / before)) + 0 : 0;
}

export function change(before, after) { // a few pictures stay as they are, and one that no browser shows may grow
  const percent = percentOf(before, after);
  if (percent === 0) return "same";
  return percent < 0 ? `−${-percent} %` : `+${percent} %`;
}

export const dollars = (value) => (value < 0.01 ? "less than 1 cent" : `about $${two.format(value)}`);
export const rate = (value) => tenth.format(value);

export function duration(seconds) {
  if (seconds < 90) return counted(Math.max(1, Math.round(seconds)), "second");
  return seconds < 5400 ? counted(Math.round(seconds / 60), "minute") : `${tenth.format(seconds / 3600)} hours`;
}

export const time = (iso) => moment.format(new Date(iso));

export function nameOf(url) { // the last part of its path
  const last = url.split(/[?#]/)[0].split("/").filter(Boolean).pop() || url;
  try { return decodeURIComponent(last); } catch { return last; }
}

const FORMATS = { jpg: "JPEG", jpeg: "JPEG", png: "PNG", webp: "WebP", avif: "AVIF", gif: "GIF" };

export function formatOf(url) { // by the ending, which the service sets
  const ending = nameOf(url).split(".").pop().toLowerCase();
  return FORMATS[ending] || ending.toUpperCase();
}

// With several sizes, an image's own bytes are those of one of them alone: its name, else "".
export const sizeOf = ({ renditions, output_url }) => {
  const all = Object.entries(renditions || {});
  return all.length > 1 ? all.find(([, made]) => made.url === output_url)?.[0] || "" : "";
};

export const allSizes = (image) => Object.values(image.renditions || {}).reduce((sum, made) => sum + made.bytes, 0);

export const isRunning = (status) => status === "pending" || status === "processing";
