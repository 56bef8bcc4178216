// One request, from its first image to its last: what is done, what it saved, what failed.

import { post, sentence } from "./api.js";
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
    ${status.warnings.map((warning) => html`<${Note} kind="warn" key=${warning}>${sentence(warning)}<//>`)}
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
  const [ended, total] = [status.processed_images, status.total_images];
  const failed = failedSoFar(feed);
  const left = feed.rate > 0 && total > ended ? duration((total - ended) / feed.rate) : null;
  const isOfOneSize = status.options.renditions?.length > 1;
  const sums = savedSoFar(feed);
  const figures = [
    ["done", `${number(Math.max(0, ended - failed))}${total ? ` of ${number(total)}` : ""}`],
    ["failed", number(failed)],
    [isOfOneSize ? "saved, by one size" : "saved", sums.before ? `${bytes(sums.before - sums.after)}` : "–", sums.before ? share(sums.before, sums.after) : ""],
    ["pictures a second", feed.rate > 0 ? rate(feed.rate) : "–"],
    ["left", left || "–"],
  ];
  const cancel = async () => { await post(`/requests/${status.request_id}/cancel`); };
  return html`<section aria-label="Progress" class="running">
    <progress max=${total || 1} value=${total ? ended : null} aria-label="Images done or failed"></progress>
    <dl class="facts">${figures.map(([what, value, more]) => html`<div key=${what}><dt>${what}</dt><dd>${value} ${more && html`<small>${more}</small>`}</dd></div>`)}</dl>
    ${!total && html`<p class="sub">${status.status === "pending" ? "Uploaded; the CSV is being read." : "The CSV is being read."}</p>`}
    <p class="buttons"><${Action} kind="secondary" busy="Stopping …" run=${cancel}>Stop<//>
      <span class="says">You may close this tab: it goes on, and this link leads back.</span></p>
    <p class="hidden" role="status">${total ? `${Math.floor((10 * ended) / total) * 10} percent done or failed` : ""}</p>
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
      <span class="says">Starts a new request. Finished pictures are kept; the new CSV has all rows.</span></p>`}
    ${status.processed_images > status.failed_images && html`<${Outcome} feed=${feed} />`}`;
}

function verdict(status) { // "done" is what has an output, here and while it runs
  const [total, failed] = [status.total_images, status.failed_images];
  const done = status.processed_images - failed;
  if (total === 0) return "No images.";
  if (total === done) return total === 1 ? "The image is done." : `${total === 2 ? "Both" : `All ${number(total)}`} images are done.`;
  return `${[`${number(done)} of ${counted(total, "image")} done`, ...(failed ? [`${number(failed)} failed`] : [])].join(" · ")}.`;
}
