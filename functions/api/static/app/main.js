// The frame of the page: where one is, the way to everything else, and the key where one is needed.

import { render } from "../lib/preact-htm.js";
import { HAS_KEY, NEEDS_KEY, base } from "./api.js";
import { Home } from "./home.js";
import { key } from "./key.js";
import { Waiting, html, loaded, useEffect, useLayoutEffect, useState } from "./ui.js";

const SCREENS = { // loaded when they are gone to: the first view needs none of them
  requests: { title: "Requests", load: () => import("./requests.js") },
  request: { title: "Request", load: () => import("./request.js") },
  webhooks: { title: "Webhooks", load: () => import("./webhooks.js") },
  key: { title: "API key", load: () => import("./key-form.js") },
};
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function placeOf(hash) { // "#<id>" is what links had before there were screens
  const [first = "", id = ""] = hash.replace(/^#\/?/, "").split("/");
  if (ID.test(first)) return { name: "request", id: first };
  if (first === "requests" && ID.test(id)) return { name: "request", id };
  return { name: SCREENS[first] && first !== "request" ? first : "home" };
}

function usePlace() {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useLayoutEffect(() => {
    const move = () => {
      document.body.dataset.moved = "true";
      setPlace(placeOf(location.hash));
      scrollTo(0, 0);
    };
    addEventListener("hashchange", move);
    return () => removeEventListener("hashchange", move);
  }, []);
  return place;
}

function Screen({ place }) {
  const [part, setPart] = useState({});
  const screen = SCREENS[place.name];
  useEffect(() => {
    document.title = screen ? `${screen.title} – Imagepress` : "Imagepress";
    if (screen) loaded(screen.load).then(
      (module) => setPart({ name: place.name, Part: module.default }),
      () => setPart({ name: place.name, Part: Unloaded }),
    );
  }, [place.name]);
  if (!screen) return html`<${Home} />`;
  return part.name === place.name ? html`<${part.Part} key=${place.id} id=${place.id} />` : html`<${Waiting} />`;
}

function Unloaded() {
  return html`<p class="waiting" role="alert">This part of the page could not be loaded.
    <a href="" onClick=${() => location.reload()}> Load the page again</a></p>`;
}

function Link({ to, place, names, children }) {
  const isHere = names.includes(place.name);
  return html`<a href=${to} aria-current=${isHere ? "page" : null}>${children}</a>`;
}

function Page() {
  const place = usePlace();
  const [isLocked, setLocked] = useState(false);
  useLayoutEffect(() => {
    const lock = () => setLocked(true);
    const unlock = () => setLocked(false);
    addEventListener(NEEDS_KEY, lock);
    addEventListener(HAS_KEY, unlock);
    return () => { removeEventListener(NEEDS_KEY, lock); removeEventListener(HAS_KEY, unlock); };
  }, []);
  const shown = isLocked ? { name: "key", id: "needed" } : place;
  const skip = (event) => { event.preventDefault(); document.querySelector("main").focus(); };
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <header>
      <a class="brand" href="#/" aria-label="Imagepress, start"><svg viewBox="0 0 16 16" aria-hidden="true"><rect width="16" height="16" rx="3" /><path d="M4 4h8v2H4zM5 8h6v2H5zM6 12h4v1H6z" /></svg>Imagepress</a>
      <nav aria-label="Main">
        <${Link} to="#/" place=${shown} names=${["home"]}>Compress<//>
        <${Link} to="#/requests" place=${shown} names=${["requests", "request"]}>Requests<//>
        <${Link} to="#/webhooks" place=${shown} names=${["webhooks"]}>Webhooks<//>
        ${(key() || isLocked) && html`<${Link} to="#/key" place=${shown} names=${["key"]}>Key<//>`}
        <a href=${`${base}/docs`}>API</a>
      </nav>
    </header>
    <main id="main" tabindex="-1"><${Screen} key=${isLocked} place=${shown} /></main>
    <footer><p>Imagepress, MIT licence</p><p><a href=${`${base}/redoc`}>Reference</a> <a href="#/key">API key</a></p></footer>`;
}

const root = document.getElementById("page");
root.replaceChildren();
render(html`<${Page} />`, root);
