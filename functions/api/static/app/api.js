// Calls of the API that others use too, and what went wrong with them in words.

import { key } from "./key.js";

export const base = document.body.dataset.base;
export const assets = document.body.dataset.assets;
export const NEEDS_KEY = "needs-key"; // events of the window
export const HAS_KEY = "has-key";

const GATEWAY = { // what answers when the service does not
  413: "The file is too large for one call.",
  429: "The service is busy: too many calls at once.",
  502: "The service did not answer properly.",
  503: "The service does not answer at the moment.",
  504: "The service took too long to answer.",
};

export class CallError extends Error {
  constructor(message, { status = 0, code = "", errors = [], total = errors.length } = {}) {
    super(message);
    Object.assign(this, { status, code, errors, total });
    this.isFinal = status >= 400 && status < 500 && status !== 429; // asking again changes nothing
  }
}

export async function call(path, options = {}) { // of `fetch`; isOptional: without a key one does without it
  const headers = { ...options.headers };
  if (key()) headers["X-API-Key"] = key();
  let answer;
  try {
    answer = await fetch(base + path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new CallError("The service cannot be reached. Is the connection up?");
  }
  if (answer.status === 401 && !options.isOptional) window.dispatchEvent(new Event(NEEDS_KEY));
  if (!answer.ok && answer.status !== 304) throw await problem(answer);
  return answer;
}

export const read = async (path, options) => (await call(path, options)).json();

export const post = (path, body) => read(path, {
  method: "POST",
  ...(body ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {}),
});

async function problem(answer) {
  const body = await answer.json().catch(() => ({}));
  const { status } = answer;
  const message = body.detail || GATEWAY[status] || body.message || `The service answered ${status}.`;
  return new CallError(sentence(message), { status, code: body.code, errors: body.errors, total: body.errors_total });
}

export function sentence(text) {
  const said = inFields(text || "");
  return said && said[0].toUpperCase() + said.slice(1) + (/[.!?:]$/.test(said) ? "" : ".");
}

// What a caller of the API says with the option encoding=utf-16, a person chooses in a field.
const FIELDS = { url_columns: "URL columns", name_column: "Name column", encoding: "Encoding", sheet: "Sheet" };
const inFields = (text) => text.replace(/with the option (\w+)(?:=([^,;.]+))?/g, (said, name, value) => (FIELDS[name] ? `under Options, at ${FIELDS[name]}${value ? `: ${value}` : ""}` : said));

export const paused = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });
