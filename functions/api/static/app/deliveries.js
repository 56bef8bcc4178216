// What was posted about a request or to an endpoint, every attempt at it, and once more.

import { post, read } from "./api.js";
import { Action, Note, State, Waiting, html, useLoaded, useState } from "./ui.js";
import { counted, time } from "./words.js";

const PER_PAGE = 10; // deliveries to an endpoint
const SETTLED_MS = 1500; // by then the first attempt has been made, mostly

const sendAgain = ({ request_id, event, endpoint_id }) => post(`/requests/${request_id}/deliveries/redeliver`, { event, endpoint_id });

export function Deliveries({ id, hears }) {
  const { value, error, again } = useLoaded(() => read(`/requests/${id}/deliveries`), id);
  if (!hears && !value?.deliveries.length) return null;
  const redeliver = async (delivery) => { await sendAgain(delivery); setTimeout(again, SETTLED_MS); };
  return html`<section aria-labelledby="deliveries-title" id="deliveries">
    <div class="with-actions"><h2 id="deliveries-title">Webhook deliveries</h2><button type="button" class="quiet" onClick=${again}>Look again</button></div>
    ${error && html`<${Note} kind="bad">${error.message}<//>`}
    ${value?.deliveries.length === 0 && html`<p class="says">Nothing was sent yet.</p>`}
    ${value?.deliveries.map((delivery) => html`<${Delivery} key=${delivery.event + delivery.endpoint_id} delivery=${delivery} redeliver=${redeliver} />`)}</section>`;
}

// What was sent to an endpoint, newest first, a page at a time. Nothing is read until it is opened.
export function Log({ path, named }) {
  const [isOpen, setOpen] = useState(false);
  return html`<details class="log" onToggle=${(event) => setOpen(event.target.open)}><summary>Log <span class="hidden">${named}</span></summary>
    ${isOpen && html`<div class="sent" tabindex="0" role="region" aria-label=${`Log ${named}`}><${Sent} path=${`${path}/deliveries?limit=${PER_PAGE}`} /></div>`}</details>`;
}

function Sent({ path, token }) {
  const [isMore, setMore] = useState(false);
  const { value, error, again } = useLoaded(() => read(token ? `${path}&next_token=${encodeURIComponent(token)}` : path), path);
  if (error) return html`<${Note} kind="bad">${error.message} <button type="button" class="link" onClick=${again}>Try again</button><//>`;
  if (!value) return html`<${Waiting} />`;
  return html`${!token && value.deliveries.length === 0 && html`<p class="says">Nothing was sent yet.</p>`}
    ${value.deliveries.map((delivery) => html`<${Delivery} key=${delivery.webhook_id} delivery=${delivery} redeliver=${async () => { await sendAgain(delivery); setTimeout(again, SETTLED_MS); }} isOfEndpoint />`)}
    ${value.next_token && (isMore ? html`<${Sent} path=${path} token=${value.next_token} />`
      : html`<p class="buttons"><button type="button" class="quiet" onClick=${() => setMore(true)}>Older ones</button></p>`)}`;
}

function Delivery({ delivery, redeliver, isOfEndpoint }) {
  const { attempts } = delivery;
  const last = attempts.at(-1);
  return html`<article class="delivery"><div><h3><code>${delivery.event}</code> <${State} of=${delivery.state} /> ${last && html`<span class="last"><${Answer} attempt=${last} /></span>`}</h3>
      ${isOfEndpoint ? html`<p><a href=${`#/requests/${delivery.request_id}`}>The request</a> <span class="says">${time(delivery.created_at)}</span></p>`
        : html`<p class="long">${delivery.webhook_url}</p>`}</div>
    <p class="buttons"><${Action} kind=${isOfEndpoint ? "quiet" : "secondary"} busy="Sending …" run=${() => redeliver(delivery)} label=${`Send again: ${delivery.event} to ${delivery.webhook_url}`}>Send again<//></p>
    <details><summary>${counted(attempts.length, "attempt")}</summary>
      <ol class="attempts">${attempts.map((attempt) => html`<li><${Attempt} attempt=${attempt} /></li>`)}</ol></details></article>`;
}

export function Attempt({ attempt }) {
  return html`<${Answer} attempt=${attempt} /><span class="says"> ${time(attempt.at)}, after ${attempt.latency_ms} ms</span>`;
}

function Answer({ attempt }) {
  const isGood = attempt.status >= 200 && attempt.status < 300;
  return html`<span class=${isGood ? "good" : "wrong"}>${attempt.status ? `answered ${attempt.status}` : unanswered(attempt.error || "")}</span>`;
}

const UNANSWERED = [ // by how the service's error begins, which may be the name of an exception
  [/^(Connect|Read)?Timeout|^timeout/, "took too long to answer"],
  [/^SSL|^tls_/, "has no valid certificate"],
  [/^dns_/, "its host is not known"],
  [/^address_not_public/, "is not on the public internet"],
  [/^(Invalid|Missing|invalid_url)/, "its address cannot be used"],
  [/^endpoint_deleted/, "was deleted before"],
  [/^endpoint_disabled/, "was disabled before"],
];

const unanswered = (error) => UNANSWERED.find(([start]) => start.test(error))?.[1] || "could not be reached";
