// Who hears of a request: endpoints, their secrets, a test and a log of each, and what the trial receiver got.

import { base, post, read } from "./api.js";
import { Attempt, Log } from "./deliveries.js";
import { Action, Copy, Empty, Heading, Note, State, Waiting, html, useLoaded, useState } from "./ui.js";
import { time } from "./words.js";

const EVENTS = [
  ["processing.started", "has started"],
  ["processing.completed", "is completed"],
  ["processing.failed", "has failed"],
];

export default function Webhooks() {
  const held = useLoaded(() => read("/webhook/endpoints"), "");
  const [secret, setSecret] = useState(null);
  const endpoints = held.value?.endpoints;
  return html`<${Heading} sub="A signed message is posted to each of these when a request starts or ends.">Webhooks<//>
    ${secret && html`<${Secret} of=${secret} close=${() => setSecret(null)} />`}
    ${held.error && html`<${Note} kind="bad">${held.error.message} <button type="button" class="link" onClick=${held.again}>Try again</button><//>`}
    ${!endpoints && !held.error && html`<${Waiting} />`}
    ${endpoints?.length === 0 && html`<${Empty} title="No endpoints yet"><p>Add the address that is to hear of your requests.</p><//>`}
    ${endpoints?.map((endpoint) => html`<${Endpoint} key=${endpoint.endpoint_id} endpoint=${endpoint} again=${held.again} setSecret=${setSecret} />`)}
    ${endpoints && html`<${Add} again=${held.again} setSecret=${setSecret} />`}
    <${OwnSecret} />
    <${Received} />`;
}

function Secret({ of: configured, close }) {
  return html`<div class="note secret" role="status"><p><strong>The secret of <span class="long">${configured.webhook_url}</span></strong></p>
    <p><code id="secret">${configured.secret}</code></p>
    <p class="says">Your receiver checks signatures with it. Add the same address again to see it again.${configured.previous_secret_until && ` Until ${time(configured.previous_secret_until)} the one before it signs, too.`}</p>
    <p class="buttons"><${Copy} text=${configured.secret}>Copy the secret<//> <button type="button" class="quiet" onClick=${close}>I have kept it</button></p></div>`;
}

function Endpoint({ endpoint, again, setSecret }) {
  const [isSure, setSure] = useState(false);
  const path = `/webhook/endpoints/${endpoint.endpoint_id}`;
  const test = async () => {
    const before = endpoint.last_test?.at;
    await post(`${path}/test`);
    for (let turn = 0; turn < 20; turn += 1) { // until its outcome is known
      await new Promise((done) => { setTimeout(done, 500); });
      const { endpoints } = await read("/webhook/endpoints");
      const now = endpoints.find((each) => each.endpoint_id === endpoint.endpoint_id)?.last_test?.at;
      if (now && now !== before) break;
    }
    again();
  };
  const rotate = async () => { setSecret(await post(`${path}/rotate`)); };
  const remove = async () => { if (!isSure) { setSure(true); return; } await read(path, { method: "DELETE" }); again(); };
  const named = `of ${endpoint.webhook_url}`;
  return html`<article class="endpoint"><div><h2 class="long">${endpoint.webhook_url}</h2>
      <p class="says"><${State} of=${endpoint.state} /> ${endpoint.events.join(", ")}</p>
      <p>${endpoint.last_test ? html`Last test: <${Attempt} attempt=${endpoint.last_test} />` : html`<span class="says">Not tested yet.</span>`}</p></div>
    <p class="buttons"><${Action} kind="secondary" busy="Waiting for the answer …" run=${test} label=${`Send a test ${named}`}>Send a test<//>
      <${Action} kind="quiet" run=${rotate} label=${`New secret ${named}`}>New secret<//>
      <${Action} kind="quiet danger" run=${remove} label=${`${isSure ? "Really delete" : "Delete"}: endpoint ${named}`}>${isSure ? "Really delete" : "Delete"}<//></p>
    <${Log} path=${path} named=${named} /></article>`;
}

function Add({ again, setSecret }) {
  const [url, setUrl] = useState("");
  const [error, setError] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const events = new FormData(event.target).getAll("events");
    try {
      setSecret(await post("/webhook/configure", { webhook_url: url.trim(), ...(events.length ? { events } : {}) }));
      setUrl("");
      setError(null);
      again();
      scrollTo(0, 0);
    } catch (raised) { setError(raised); }
  };
  return html`<section aria-labelledby="add-title"><h2 id="add-title">Add an endpoint</h2><form class="form" onSubmit=${submit}>
    <label class="field"><span class="label">Address</span><input type="url" name="url" required value=${url} onInput=${(event) => setUrl(event.target.value)} placeholder="https://shop.example/hooks/imagepress" /></label>
    <fieldset class="ticks"><legend>When a request</legend>${EVENTS.map(([name, text]) => html`<label class="tick" key=${name}><input type="checkbox" name="events" value=${name} checked=${name !== "processing.started"} /> <span>${text}</span></label>`)}</fieldset>
    ${error && html`<${Note} kind="bad">${error.message}<//>`}
    <p class="buttons"><button type="submit" class="primary">Add</button>
      <button type="button" class="quiet" onClick=${() => setUrl(new URL(`${base}/webhook`, location.href).href)}>Use the trial receiver</button></p></form></section>`;
}

function OwnSecret() {
  const [shown, setShown] = useState(null);
  const show = async () => setShown(await read("/webhook/secret"));
  return html`<section aria-labelledby="own-title"><h2 id="own-title">For one request only</h2>
    <p>A webhook that is named in a request’s options is signed with a secret of your own.</p>
    ${shown ? html`<p>${shown.secret ? html`<code>${shown.secret}</code> <${Copy} text=${shown.secret}>Copy<//>` : `${shown.message}.`}</p>`
      : html`<p class="buttons"><${Action} kind="secondary" run=${show}>Show that secret<//></p>`}
    <${Log} path="/webhook/endpoints/request" named="of such webhooks" /></section>`;
}

function Received() {
  const { value, error, again } = useLoaded(() => read("/webhook/received?limit=20"), "");
  return html`<section aria-labelledby="received-title" id="received"><div class="with-actions"><h2 id="received-title">What the trial receiver got</h2>
      <button type="button" class="quiet" onClick=${again}>Look again</button></div>
    <p class="says">This service has a receiver of its own to try webhooks with. It keeps messages for a day.</p>
    ${error && html`<${Note} kind="bad">${error.message}<//>`}
    ${value?.received.length === 0 && html`<p class="says">Nothing yet.</p>`}
    ${value?.received.map((each) => html`<details class="received" key=${each.webhook_id + each.received_at}><summary><code>${each.body?.type || "a message"}</code>
      <span class=${each.verified ? "good" : "wrong"}>${each.verified ? "signed" : "not signed"}</span> <span class="says">${time(each.received_at)}</span></summary>
      <pre tabindex="0">${JSON.stringify(each.body, null, 2)}</pre></details>`)}</section>`;
}
