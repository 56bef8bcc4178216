// What may be wider than the screen: it scrolls by itself, and an edge behind which there is more has a shadow.

import { html, useEffect, useRef, useState } from "./ui.js";

export function Scroll({ label, children }) {
  const place = useRef(null);
  const [more, setMore] = useState("");
  const look = () => {
    const { scrollLeft, scrollWidth, clientWidth } = place.current;
    setMore([scrollLeft > 1 && "left", scrollLeft + clientWidth < scrollWidth - 1 && "right"].filter(Boolean).join(" "));
  };
  useEffect(() => {
    const watcher = new ResizeObserver(look);
    watcher.observe(place.current);
    if (place.current.firstElementChild) watcher.observe(place.current.firstElementChild);
    return () => watcher.disconnect();
  }, []);
  return html`<div class="edges" data-more=${more}><div class="scroll" tabindex="0" role="region" aria-label=${label} ref=${place} onScroll=${look}>${children}</div></div>`;
}
