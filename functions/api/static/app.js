"use strict";
// Posts a CSV, follows its request, and shows what came out. Everything goes through the API that others use too.

const base = document.body.dataset.base;
const MAX_POST = 4000000; // bytes; larger CSVs go straight to S3
const POLL_MS = 1000;
const PAUSE_MS = 5000; // after a call that failed
const find = (id) => document.getElementById(id);
const units = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
let current = null; // the request that is followed
let etag = "";

const key = find("key");
key.value = localStorage.getItem("imagepress-key") || "";
key.addEventListener("change", () => { localStorage.setItem("imagepress-key", key.value); showRecent(); });

async function call(path, options = {}) {
  const headers = { ...options.headers };
  if (key.value) headers["X-API-Key"] = key.value;
  const response = await fetch(base + path, { ...options, headers });
  if (response.status === 401) document.body.classList.add("needs-key");
  if (!response.ok && response.status !== 304) throw await problem(response);
  return response;
}

async function problem(response) {
  const body = await response.json().catch(() => ({}));
  const error = new Error(body.detail || body.message || `The service answered ${response.status}`);
  error.isFinal = response.status < 500 && response.status !== 429;
  error.errors = body.errors || [];
  return error;
}

function say(text, isBad = false) {
  find("message").textContent = text;
  find("message").className = isBad ? "bad" : "";
}

function bytes(count) {
  if (count < 1000) return `${count} B`;
  return count < 1000000 ? `${units.format(count / 1000)} kB` : `${units.format(count / 1000000)} MB`;
}

function row(cells, table) {
  const line = table.tBodies[0].insertRow();
  for (const cell of cells) {
    const place = line.insertCell();
    place.append(cell instanceof Node ? cell : String(cell ?? ""));
  }
  return line;
}

function clear(id) {
  find(id).tBodies[0].replaceChildren();
}

// --- sending ---------------------------------------------------------------------------------------------------------

const form = find("send");
const file = find("file");
const drop = find("drop");
file.addEventListener("change", () => { find("chosen").textContent = file.files[0]?.name || "Choose a CSV, or drop it here"; });
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) {
      file.files = event.dataTransfer.files;
      file.dispatchEvent(new Event("change"));
    }
  });
}
form.addEventListener("submit", (event) => { event.preventDefault(); send(false); });
find("check").addEventListener("click", () => { if (form.reportValidity()) send(true); });

function options() {
  const wanted = [...new FormData(form)].filter(([, value]) => value !== "");
  return Object.fromEntries(wanted);
}

async function send(isDryRun) {
  const csv = file.files[0];
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  showErrors([]);
  say("Sending …");
  try {
    const wanted = { ...options(), ...(isDryRun ? { dry_run: "true" } : {}) };
    const isDirect = csv.size <= MAX_POST && !csv.name.toLowerCase().endsWith(".gz");
    const found = isDirect ? await post(csv, wanted) : await presigned(csv, wanted);
    showErrors(found.errors || []);
    const count = found.total_images === undefined ? "" : ` ${found.total_images} images.`;
    say([found.message + "." + count, ...(found.warnings || [])].join(" "));
    if (found.request_id) follow(found.request_id);
  } catch (error) {
    say(error.message, true);
    showErrors(error.errors || []);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

async function post(csv, wanted) {
  const body = new FormData();
  for (const [name, value] of Object.entries(wanted)) body.append(name, value);
  body.append("file", csv);
  return (await call("/upload", { method: "POST", body })).json();
}

function typed(wanted) { // as JSON has them; a form has text only
  const values = { ...wanted };
  for (const name of ["quality", "max_width", "max_height"]) if (name in values) values[name] = Number(values[name]);
  if ("dry_run" in values) values.dry_run = values.dry_run === "true";
  return values;
}

async function presigned(csv, wanted) {
  const name = csv.name.replace(/[^A-Za-z0-9._ -]/g, "-");
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ ...typed(wanted), file_name: name });
  const found = await (await call("/uploads", { method: "POST", headers, body })).json();
  const fields = new FormData();
  for (const [field, value] of Object.entries(found.upload.fields)) fields.append(field, value);
  fields.append("file", csv);
  const answer = await fetch(found.upload.url, { method: "POST", body: fields });
  if (!answer.ok) throw new Error(`S3 refused the CSV with ${answer.status}`);
  return { request_id: found.request_id, message: "Uploaded; the CSV is being read" };
}

function showErrors(errors) {
  clear("errors");
  find("errors").hidden = !errors.some((error) => error.line !== undefined);
  for (const error of errors) {
    if (error.line !== undefined) row([error.line, error.column, error.message, error.value], find("errors"));
  }
}

// --- following a request ---------------------------------------------------------------------------------------------

function follow(requestId) {
  current = requestId;
  etag = "";
  location.hash = requestId;
  find("request").hidden = false;
  find("request-id").textContent = requestId;
  poll(requestId);
}

async function poll(requestId) {
  if (current !== requestId) return;
  try {
    const response = await call(`/status/${requestId}?limit=100`, { headers: etag ? { "If-None-Match": etag } : {} });
    if (current !== requestId) return;
    if (response.status === 200) {
      etag = response.headers.get("ETag") || "";
      const status = await response.json();
      show(status);
      if (!["pending", "processing"].includes(status.status)) { showRecent(); return; }
    }
    setTimeout(() => poll(requestId), POLL_MS);
  } catch (error) { // what may pass is waited for: a busy service, a connection that broke
    say(error.message, true);
    if (!error.isFinal) setTimeout(() => poll(requestId), PAUSE_MS);
  }
}

function show(status) {
  const isRunning = ["pending", "processing"].includes(status.status);
  find("state").textContent = status.status;
  find("state").className = `state ${status.status}`;
  find("progress").value = status.completion_percentage;
  find("progress").hidden = !isRunning;
  find("numbers").textContent = [
    `${status.processed_images} of ${status.total_images} images`,
    status.failed_images ? `${status.failed_images} failed` : "",
    status.bytes_in ? `${bytes(status.bytes_in)} → ${bytes(status.bytes_out)} (${saved(status)} saved)` : "",
    status.error ? status.error.message : "",
  ].filter(Boolean).join(" · ");
  find("download").hidden = !status.output_csv;
  find("cancel").hidden = !isRunning;
  find("retry").hidden = isRunning || !(status.failed_images || status.status === "cancelled");
  if (status.errors.length) showErrors(status.errors);
  clear("images");
  showImages(status);
}

function saved(status) {
  return `${Math.round(100 * status.bytes_saved / status.bytes_in)} %`;
}

function showImages(status) {
  find("images").hidden = !status.images.length;
  for (const image of status.images) {
    const after = image.output_url ? picture(image.output_url) : "";
    const size = image.bytes_in ? `${bytes(image.bytes_in)} → ${bytes(image.bytes_out)}` : "";
    const line = row([picture(image.input_url), after, "", size, image.error ? image.error.message : image.status], find("images"));
    line.cells[2].className = "name";
    line.cells[2].append(image.output_url ? link(image.output_url, image.input_url) : image.input_url);
    line.cells[4].className = image.status;
  }
  const more = find("more");
  more.hidden = !status.next_token;
  more.onclick = async () => {
    const page = `/status/${status.request_id}?limit=100&next_token=${encodeURIComponent(status.next_token)}`;
    showImages(await (await call(page)).json());
  };
}

function picture(url) {
  const image = document.createElement("img");
  image.loading = "lazy";
  image.alt = "";
  image.referrerPolicy = "no-referrer";
  image.src = url;
  return image;
}

function link(url, text) {
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.textContent = text;
  anchor.target = "_blank";
  anchor.rel = "noopener";
  return anchor;
}

find("download").addEventListener("click", async () => {
  try {
    const content = await (await call(`/download/${current}`)).blob();
    const anchor = link(URL.createObjectURL(content), "");
    anchor.download = `results_${current}.csv`;
    anchor.click();
    URL.revokeObjectURL(anchor.href);
  } catch (error) { say(error.message, true); }
});
find("cancel").addEventListener("click", () => act("cancel"));
find("retry").addEventListener("click", () => act("retry"));

async function act(what) {
  try {
    const found = await (await call(`/requests/${current}/${what}`, { method: "POST" })).json();
    say(found.message);
    follow(found.request_id);
  } catch (error) { say(error.message, true); }
}

// --- recent requests -------------------------------------------------------------------------------------------------

async function showRecent() {
  try {
    const found = await (await call("/requests?limit=10")).json();
    find("recent").hidden = !found.requests.length;
    clear("requests");
    for (const request of found.requests) {
      const made = new Date(request.created_at).toLocaleString();
      const name = request.file_name;
      const line = row([made, name, request.status, request.total_images, request.bytes_in ? saved(request) : ""], find("requests"));
      line.className = "link";
      line.tabIndex = 0;
      line.onclick = () => follow(request.request_id);
      line.onkeydown = (event) => { if (event.key === "Enter") follow(request.request_id); };
      line.cells[2].className = request.status;
    }
  } catch (error) { say(error.message, true); }
}

if (/^#[0-9a-f-]{36}$/.test(location.hash)) follow(location.hash.slice(1));
showRecent();
