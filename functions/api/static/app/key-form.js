// The way in where the service asks for a key.

import { HAS_KEY, read } from "./api.js";
import { forgetKey, isRemembered, key, keepKey } from "./key.js";
import { Heading, Note, html, useState } from "./ui.js";

export default function KeyForm({ id }) { // "needed" after the service has refused
  const [state, setState] = useState({});
  const submit = async (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    const before = [key(), isRemembered()];
    setState({ isBusy: true });
    keepKey(given.get("key").trim(), given.has("remember"));
    try {
      await read("/requests?limit=1");
      setState({ isDone: true });
      if (location.hash.startsWith("#/key")) location.hash = "#/";
      dispatchEvent(new Event(HAS_KEY));
    } catch (error) {
      if (error.isFinal) keepKey(...before);
      setState({ error });
    }
  };
  const forget = () => { forgetKey(); setState({ isForgotten: true }); };
  return html`<section class="narrow">
    <${Heading} sub=${`This service ${id === "needed" ? "needs" : "may ask for"} a key. Whoever runs it makes one with make api-key.`}>API key<//>
    <form class="form" onSubmit=${submit}>
      <div class="field"><label class="label" for="key">Key</label>
        <input id="key" name="key" type="password" required autocomplete="off" spellcheck=${false} aria-describedby="key-said" />
        <span class="says" id="key-said">It is sent with every call to this service, and to nobody else.</span></div>
      <label class="tick"><input type="checkbox" name="remember" /> <span>Remember it on this device. Otherwise it is forgotten with the tab.</span></label>
      ${state.error && html`<${Note} kind="bad">${state.error.message}<//>`}
      ${state.isForgotten && html`<${Note}>The key is forgotten.<//>`}
      <p class="buttons"><button type="submit" class="primary" aria-disabled=${state.isBusy ? "true" : null}>Use this key</button>
        ${key() && html`<button type="button" class="quiet" onClick=${forget}>Forget the key</button>`}</p>
    </form></section>`;
}
