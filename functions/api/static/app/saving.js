// Files that come out: fetched with the key, waited for while they are written, and saved.

import { call, paused } from "./api.js";

export async function download(path, fallbackName) {
  for (;;) {
    const stop = new AbortController();
    const answer = await call(path, { signal: stop.signal });
    if (answer.status === 202) { // it is still being written
      await paused(1000 * Number(answer.headers.get("Retry-After") || 5));
      continue;
    }
    if (answer.redirected) { // S3 has it under a name of its own: the browser streams it to the disk
      stop.abort();
      return follow(answer.url);
    }
    return save(await answer.blob(), nameIn(answer.headers.get("Content-Disposition")) || fallbackName);
  }
}

export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  follow(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function follow(url, name) {
  const link = document.createElement("a");
  link.href = url;
  if (name) link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}

function nameIn(disposition) {
  const found = /filename\*=UTF-8''([^;]+)/.exec(disposition || "");
  return found ? decodeURIComponent(found[1]) : "";
}

export function csvOf(rows) { // a cell that could be taken for a formula gets an apostrophe
  const cell = (value) => {
    const text = String(value ?? "");
    return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  };
  return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
