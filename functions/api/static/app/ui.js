// The small parts that every screen is made of.

// useLayoutEffect is for what keys and the focus need: it runs before the browser shows what it belongs to.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../lib/preact-htm.js";

export { html, useEffect, useLayoutEffect, useRef, useState };

// A module that is needed now. A busy service may miss one: it is asked again, twice.
export async function loaded(load, attempts = 3) {
  try {
    return await load();
  } catch (error) {
    if (attempts <= 1) throw error;
    await new Promise((done) => { setTimeout(done, 1000); });
    return loaded(load, attempts - 1);
  }
}

export function Note({ kind = "plain", children }) { // bad ones interrupt a screen reader, others wait
  return html`<div class=${`note ${kind}`} role=${kind === "bad" ? "alert" : "status"}>${children}</div>`;
}

// A button that says it is at work, and shows what went wrong beside it.
export function Action({ run, children, busy = "One moment …", kind = "", label, ...rest }) {
  const [state, setState] = useState({});
  const isThere = useRef(true);
  useEffect(() => () => { isThere.current = false; }, []);
  const start = async () => {
    if (state.isBusy) return;
    setState({ isBusy: true });
    const error = await Promise.resolve().then(run).then(() => null, (raised) => raised);
    if (isThere.current) setState({ error });
  };
  return html`<span class="action">
    <button type="button" class=${kind} aria-disabled=${state.isBusy ? "true" : null} aria-label=${label} onClick=${start} ...${rest}>
      ${state.isBusy ? busy : children}</button>
    ${state.error && html`<span class="wrong" role="alert">${state.error.message}</span>`}
  </span>`;
}

export function Copy({ text, children }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return html`<${Action} kind="secondary" run=${copy}>${isCopied ? "Copied" : children}<//>`;
}

export function Heading({ children, sub }) { // where a screen begins; it takes the focus when one comes to it
  const place = useRef(null);
  useLayoutEffect(() => { if (document.body.dataset.moved) place.current.focus({ preventScroll: true }); }, []);
  return html`<div class="heading"><h1 tabindex="-1" ref=${place}>${children}</h1>${sub && html`<p class="sub">${sub}</p>`}</div>`;
}

export function Waiting({ children = "Loading …" }) {
  return html`<p class="waiting" role="status">${children}</p>`;
}

export function Empty({ title, children }) {
  return html`<div class="empty"><p class="empty-title">${title}</p>${children}</div>`;
}

export function State({ of: status }) {
  return html`<span class=${`state ${status}`}>${status.replace("_", " ")}</span>`;
}

// Loads once, and again when `key` changes: {value, error, again}.
export function useLoaded(load, key) {
  const [state, setState] = useState({});
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isWanted = true;
    load().then(
      (value) => isWanted && setState({ value }),
      (error) => isWanted && setState((before) => ({ ...before, error })),
    );
    return () => { isWanted = false; };
  }, [key, turn]);
  return { ...state, again: () => setTurn((now) => now + 1) };
}
