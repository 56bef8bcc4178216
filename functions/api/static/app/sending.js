// A CSV on its way in: checked by a dry run, then posted, or sent straight to S3 where it is large.

import { CallError, assets, post, read } from "./api.js";

const MAX_POST = 4_000_000; // bytes; larger files go straight to S3
const MAX_CHECKED = 3_500_000; // bytes of the beginning of a large CSV
const WORKBOOK = /\.(xlsx|xlsm|ods|xls)$/i;
const NUMBERS = ["quality", "max_width", "max_height"];
const isPacked = (file) => file.name.toLowerCase().endsWith(".gz");
const isDirect = (file) => file.size <= MAX_POST && !isPacked(file);

// What is understood: {found, refused, isPart, unmet} or, of a CSV that nothing can be made of, a CallError.
// `unmet` are the options that name what this file does not have; it is read without them.
export async function check(file, options, unmet = {}) {
  try {
    return { ...(await understood(file, options)), unmet };
  } catch (error) {
    const name = unmetBy(error, options);
    if (!name) throw Object.assign(error, { unmet });
    const { [name]: value, ...others } = options;
    return check(file, others, { ...unmet, [name]: value });
  }
}

function unmetBy({ errors }, options) {
  const found = errors?.find(({ code }) => code === "unknown_column" || code === "unknown_sheet");
  if (!found) return null;
  const name = found.code === "unknown_sheet" ? "sheet" : found.value === options.name_column ? "name_column" : "url_columns";
  return options[name] ? name : null;
}

// A CSV that is refused for single rows is looked at again without them.
async function understood(file, options) {
  const part = await checkable(file);
  if (!part) return { found: null, isPart: true };
  const isPart = part !== file;
  const asked = isPart ? { ...options, mode: "lenient" } : options;
  try {
    return { found: withoutCut(await dryRun(part, asked), isPart), isPart };
  } catch (error) {
    if (error.code !== "invalid_csv" || asked.mode === "lenient") throw error;
    const lenient = await dryRun(part, { ...options, mode: "lenient" }).catch(() => null);
    if (!lenient?.total_images) throw error;
    return { found: lenient, refused: error, isPart };
  }
}

const dryRun = (file, options) => posted(file, { ...options, dry_run: "true" });

async function checkable(file) {
  if (isDirect(file)) return file;
  if (WORKBOOK.test(file.name)) return null; // its beginning alone cannot be read
  const text = isPacked(file) ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
  const bytes = await beginning(text);
  const end = bytes.length < MAX_CHECKED ? bytes.length : bytes.lastIndexOf(10) + 1;
  return new File([bytes.subarray(0, end)], file.name.replace(/\.gz$/i, ""), { type: "text/csv" });
}

async function beginning(stream) {
  const bytes = new Uint8Array(MAX_CHECKED);
  const reader = stream.getReader();
  let length = 0;
  while (length < MAX_CHECKED) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes.set(value.subarray(0, MAX_CHECKED - length), length);
    length = Math.min(MAX_CHECKED, length + value.length);
  }
  reader.cancel().catch(() => {}); // of a stream that has ended there is nothing to cancel
  return bytes.subarray(0, length);
}

function withoutCut(found, isPart) { // the row that the cut went through is not the file's mistake
  const last = found.errors.at(-1);
  if (!isPart || last?.code !== "unclosed_quote") return found;
  return { ...found, errors: found.errors.slice(0, -1), errors_total: found.errors_total - 1 };
}

// Starts it; the id of the request.
export async function start(file, options) {
  const found = isDirect(file) ? await posted(file, options) : await presigned(file, options);
  return found.request_id;
}

function posted(file, options) {
  const body = new FormData();
  for (const [name, value] of Object.entries(options)) body.append(name, value);
  body.append("file", file);
  return read("/upload", { method: "POST", body });
}

async function presigned(file, options) {
  const found = await post("/uploads", { ...typed(options), file_name: safeName(file.name) });
  const body = new FormData();
  for (const [name, value] of Object.entries(found.upload.fields)) body.append(name, value);
  body.append("file", file);
  const answer = await fetch(found.upload.url, { method: "POST", body });
  if (!answer.ok) throw new CallError(`The store refused the file with ${answer.status}.`, { status: answer.status });
  return found;
}

const safeName = (name) => name.replace(/[^A-Za-z0-9._ -]/g, "-").slice(-100);

function typed(options) { // JSON has types, a form has text only
  const known = { ...options };
  for (const name of NUMBERS) if (name in known) known[name] = Number(known[name]);
  if ("formula_safe" in known) known.formula_safe = known.formula_safe === "true";
  return known;
}

// The project's own pictures, which the service itself serves, as a CSV.
export async function sample() {
  const here = new URL(`${assets}/sample`, location.href);
  const answer = await fetch(`${here}/products.csv`);
  if (!answer.ok) throw new CallError(`The sample is not there (${answer.status}).`, { status: answer.status });
  const text = (await answer.text()).replaceAll("{{here}}", String(here));
  return new File([text], "sample.csv", { type: "text/csv" });
}

export const csvFile = (text, name) => new File([text], name, { type: "text/csv" });
