// What was posted about a request, every attempt at it, and once more.

import { post, read } from "./api.js";
import { Action, Note, html, useLoaded } from "./ui.js";
import { counted, time } from "./words.js";

export function Deliveries({ id, hears }) {
  const { value, error, again } = useLoaded(() => read(`/requests/${id}/deliveries`), id);
  if (!hears && !value?.deliveries.length) return null;
  const redeliver = async (delivery) => {
    await post(`/requests/${id}/deliveries/redeliver`, { event: delivery.event, endpoint_id: delivery.endpoint_id });
    setTimeout(again, 1500); // by then the first attempt has been made, mostly
  };
  return html`<section aria-labelledby="deliveries-title" id="deliveries">
    <div class="with-actions"><h2 id="deliveries-title">Webhook deliveries</h2><button type="button" class="quiet" onClick=${again}>Look again</button></div>
    ${error && html`<${Note} kind="bad">${error.message}<//>`}
    ${value?.deliveries.length === 0 && html`<p class="says">Nothing was sent yet.</p>`}
    ${value?.deliveries.map((delivery) => html`<${Delivery} key=${delivery.event + delivery.endpoint_id} delivery=${delivery} redeliver=${redeliver} />`)}</section>`;
}

function Delivery({ delivery, redeliver }) {
  const { attempts } = delivery;
  return html`<article class="delivery"><div><h3><code>${delivery.event}</code> <span class=${`state ${delivery.state}`}>${delivery.state}</span></h3>
      <p class="long">${delivery.webhook_url}</p></div>
    <p class="buttons"><${Action} kind="secondary" busy="Sending …" run=${() => redeliver(delivery)} label=${`Send again: ${delivery.event} to ${delivery.webhook_url}`}>Send again<//></p>
    <details><summary>${counted(attempts.length, "attempt")}</summary>
      <ol class="attempts">${attempts.map((attempt) => html`<li><${Attempt} attempt=${attempt} /></li>`)}</ol></details></article>`;
}

export function Attempt({ attempt }) {
  const isGood = attempt.status >= 200 && attempt.status < 300;
  return html`<span class=${isGood ? "good" : "wrong"}>${attempt.status ? `answered ${attempt.status}` : attempt.error || "no answer"}</span>
    <span class="says"> ${time(attempt.at)}, after ${attempt.latency_ms} ms</span>`;
}
