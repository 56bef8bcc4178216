// One request, from its first image to its last: what is done, what it saved, what failed.

import { post } from "./api.js";
import { Deliveries } from "./deliveries.js";
import { RowErrors } from "./check.js";
import { Failures } from "./failures.js";
import { Feed } from "./feed.js";
import { Gallery } from "./gallery.js";
import { Outcome } from "./outcome.js";
import { Action, Copy, Heading, Note, State, Waiting, html, useEffect, useRef, useState } from "./ui.js";
import { Viewer } from "./viewer.js";
import { bytes, counted, duration, isRunning, number, rate, share, time } from "./words.js";

export default function Request({ id }) {
  const [, draw] = useState(0);
  const [opened, setOpened] = useState(null); // the URL of the picture that is looked at
  const feed = useRef(null);
  if (!feed.current) feed.current = new Feed(id, () => draw((turn) => turn + 1));
  useEffect(() => { feed.current.run(); return () => feed.current.stop(); }, []);
  const { status, error } = feed.current;
  if (!status) return error ? html`<${Lost} error=${error} />` : html`<${Waiting}>Looking for the request …<//>`;
  const running = isRunning(status.status);
  return html`
    <${Head} status=${status} />
    ${error && html`<${Note} kind="bad">${error.message}${error.isFinal ? "" : " Trying again …"}<//>`}
    ${running ? html`<${Progress} feed=${feed.current} />` : html`<${Ended} feed=${feed.current} />`}
    ${status.warnings.map((warning) => html`<${Note} kind="warn" key=${warning}>${warning}<//>`)}
    ${status.errors.length > 0 && html`<${RowErrors} errors=${status.errors} total=${status.errors_total} />`}
    ${!running && html`<${Failures} feed=${feed.current} />`}
    <${Gallery} feed=${feed.current} open=${setOpened} />
    ${!running && html`<${Deliveries} id=${id} hears=${status.webhook_status !== null} />`}
    ${opened && html`<${Viewer} images=${feed.current.images} url=${opened} show=${setOpened} close=${() => setOpened(null)} />`}`;
}

function Lost({ error }) {
  return html`<section class="narrow"><${Heading}>${error.status === 404 ? "There is no such request" : "The request cannot be shown"}<//>
    <${Note} kind="bad">${error.status === 404 ? "It has expired, or its link is not whole, or it belongs to another key." : error.message}<//>
    <p><a href="#/requests">All requests</a></p></section>`;
}

function Head({ status }) {
  return html`<div class="crumb"><a href="#/requests">Requests</a></div>
    <div class="heading with-actions"><div><h1 tabindex="-1" class="long">${status.file_name}</h1>
      <p class="sub"><${State} of=${status.status} /> <span>${time(status.created_at)}</span>
        ${status.retry_of && html`<span>tries <a href=${`#/requests/${status.retry_of}`}>an earlier request</a> again</span>`}
        <code id="request-id" class="id">${status.request_id}</code></p></div>
      <p class="buttons"><${Copy} text=${`${location.href.split("#")[0]}#/requests/${status.request_id}`}>Copy link<//></p></div>`;
}

function Progress({ feed }) {
  const { status } = feed;
  const [done, total] = [status.processed_images, status.total_images];
  const left = feed.rate > 0 && total > done ? duration((total - done) / feed.rate) : null;
  const sums = savedSoFar(feed);
  const figures = [
    ["done", `${number(done)}${total ? ` of ${number(total)}` : ""}`],
    ["failed", number(failedSoFar(feed))],
    ["saved", sums.before ? `${bytes(sums.before - sums.after)}` : "–", sums.before ? share(sums.before, sums.after) : ""],
    ["pictures a second", feed.rate > 0 ? rate(feed.rate) : "–"],
    ["left", left || "–"],
  ];
  const cancel = async () => { await post(`/requests/${status.request_id}/cancel`); };
  return html`<section aria-label="Progress" class="running">
    <progress max=${total || 1} value=${total ? done : null} aria-label="Images done"></progress>
    <dl class="facts">${figures.map(([what, value, more]) => html`<div key=${what}><dt>${what}</dt><dd>${value} ${more && html`<small>${more}</small>`}</dd></div>`)}</dl>
    ${!total && html`<p class="sub">${status.status === "pending" ? "Uploaded; the CSV is being read." : "The CSV is being read."}</p>`}
    <p class="buttons"><${Action} kind="secondary" busy="Stopping …" run=${cancel}>Stop<//>
      <span class="says">You may close this tab: it goes on, and this link leads back.</span></p>
    <p class="hidden" role="status">${total ? `${Math.floor((10 * done) / total) * 10} percent done` : ""}</p>
  </section>`;
}

// The service adds bytes up by the 200 images; what the gallery knows is newer.
function savedSoFar({ status, images }) {
  const done = images.filter((image) => image.bytes_in);
  const sums = { before: 0, after: 0 };
  for (const image of done) { sums.before += image.bytes_in; sums.after += image.bytes_out; }
  return sums.before > status.bytes_in ? sums : { before: status.bytes_in, after: status.bytes_out };
}

const failedSoFar = ({ status, images }) => Math.max(status.failed_images, images.filter((image) => image.status === "failed").length);

function Ended({ feed }) {
  const { status } = feed;
  const retry = async () => { location.hash = `#/requests/${(await post(`/requests/${status.request_id}/retry`)).request_id}`; };
  const stopped = status.status === "cancelled";
  return html`<p id="numbers" class="verdict" role="status">${verdict(status)}</p>
    ${status.error && html`<${Note} kind="bad">${status.error.message[0].toUpperCase() + status.error.message.slice(1)}.<//>`}
    ${status.dry_run && html`<${Note}>This was a check only: nothing was compressed.<//>`}
    ${(stopped || (status.failed_images > 0 && !status.dry_run)) && html`<p class="buttons"><${Action} kind=${stopped ? "primary" : "secondary"} busy="Starting …" run=${retry}>${stopped ? "Go on with the rest" : `Retry ${status.failed_images === 1 ? "the failed image" : `all ${number(status.failed_images)} failed`}`}<//>
      <span class="says">Another request, which takes over what is done. Its CSV is whole.</span></p>`}
    ${status.processed_images > status.failed_images && html`<${Outcome} feed=${feed} />`}`;
}

function verdict(status) {
  const good = status.processed_images - status.failed_images;
  const parts = [status.total_images === good ? `All ${counted(good, "image")} done` : `${number(good)} of ${counted(status.total_images, "image")} done`];
  if (status.total_images === 0) return "No images.";
  if (status.total_images === 1 && good === 1) parts[0] = "The image is done";
  if (status.failed_images) parts.push(`${number(status.failed_images)} failed`);
  return `${parts.join(" · ")}.`;
}
