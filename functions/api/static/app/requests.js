// All requests, newest first: found by name and state, a page at a time.

import { read } from "./api.js";
import { Scroll } from "./scroll.js";
import { Empty, Heading, Note, State, Waiting, html, useEffect, useState } from "./ui.js";
import { bytes, counted, number, share, time } from "./words.js";

const LOADED = 100; // with one call
const SHOWN = 20; // on a page
const SEARCHED = 10; // calls that a search makes by itself
const STATES = ["pending", "processing", "completed", "failed", "cancelled"];

function useRequests(needed) {
  const [state, setState] = useState({ requests: [], next: "", calls: 0 });
  const isWanted = state.next !== null && !state.error && needed(state);
  useEffect(() => {
    if (!isWanted) return;
    read(`/requests?limit=${LOADED}${state.next ? `&next_token=${encodeURIComponent(state.next)}` : ""}`).then(
      (found) => setState((held) => ({ requests: [...held.requests, ...found.requests], next: found.next_token, calls: held.calls + 1 })),
      (error) => setState((held) => ({ ...held, error })),
    );
  }, [isWanted, state.calls]);
  return { ...state, isLoading: isWanted, again: () => setState((held) => ({ ...held, error: null })) };
}

export default function Requests() {
  const [search, setSearch] = useState("");
  const [state, setState] = useState("");
  const [page, setPage] = useState(0);
  const [calls, setCalls] = useState(SEARCHED);
  const fits = (request) => (!state || request.status === state) && request.file_name.toLowerCase().includes(search.toLowerCase());
  const held = useRequests(({ requests, calls: made }) => requests.filter(fits).length <= (page + 1) * SHOWN && made < calls);
  const found = held.requests.filter(fits);
  const shown = found.slice(page * SHOWN, (page + 1) * SHOWN);
  const narrow = (set) => (event) => { set(event.target.value); setPage(0); };
  return html`<${Heading}>Requests<//>
    <form class="inline" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label class="field grow"><span class="label">Name</span><input type="search" value=${search} onInput=${narrow(setSearch)} placeholder="spring catalogue" /></label>
      <label class="field"><span class="label">State</span><select value=${state} onChange=${narrow(setState)}><option key="all" value="">all</option>${STATES.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>
    </form>
    ${held.error && html`<${Note} kind="bad">${held.error.message} <button type="button" class="link" onClick=${held.again}>Try again</button><//>`}
    ${shown.length > 0 && html`<${List} requests=${shown} />`}
    ${held.isLoading && html`<${Waiting}>${shown.length ? "Looking further …" : "Loading …"}<//>`}
    ${!shown.length && !held.isLoading && !held.error && (held.requests.length || held.next ? html`<${Empty} title="Nothing of this name and state"><p>Among the latest ${counted(held.requests.length, "request")}.</p><//>`
      : html`<${Empty} title="No requests yet"><p><a href="#/">Compress a CSV</a>, or try the sample there.</p><//>`)}
    <${Pager} page=${page} setPage=${setPage} hasMore=${found.length > (page + 1) * SHOWN} />
    ${!held.isLoading && held.next && held.calls >= calls && html`<p><button type="button" class="quiet" onClick=${() => setCalls(calls + SEARCHED)}>Search older requests</button></p>`}
    <p class="hidden" role="status">${held.isLoading ? "" : `${counted(shown.length, "request")} shown`}</p>`;
}

function List({ requests }) {
  return html`<${Scroll} label="Requests"><table id="requests" class="list stack">
    <thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col">Made</th><th scope="col" class="num">Images</th><th scope="col" class="num">Saved</th></tr></thead>
    <tbody>${requests.map((request) => html`<tr key=${request.request_id}>
      <th scope="row"><a href=${`#/requests/${request.request_id}`}>${request.file_name || "without a name"}</a></th>
      <td class="of"><${State} of=${request.status} /></td><td class="made">${time(request.created_at)}</td>
      <td class="num" data-label="Images">${number(request.total_images)}${request.failed_images > 0 && html`<small class="wrong">${number(request.failed_images)} failed</small>`}</td>
      <td class="num saved">${request.bytes_in ? html`${share(request.bytes_in, request.bytes_out)}<small>${bytes(request.bytes_saved)}</small>` : "–"}</td></tr>`)}</tbody></table><//>`;
}

function Pager({ page, setPage, hasMore }) {
  if (!page && !hasMore) return null;
  const go = (step) => { setPage(page + step); scrollTo(0, 0); };
  return html`<nav class="pager" aria-label="Pages"><button type="button" class="quiet" disabled=${page === 0} onClick=${() => go(-1)}>Newer</button>
    <span>Page ${page + 1}</span><button type="button" class="quiet" disabled=${!hasMore} onClick=${() => go(1)}>Older</button></nav>`;
}
