// The pictures of a request. Blocks that are off the screen keep their height and nothing else, so that any number is smooth.

import { titleOf } from "./reasons.js";
import { html, useEffect, useRef, useState } from "./ui.js";
import { change, isRunning, nameOf, sizeOf } from "./words.js";

const NEAR = "600px"; // from the screen: what is drawn already
const TILE_WIDTH = 360; // pixels, on a screen of two for each of the page
const EMPTY_HEIGHT = 480; // pixels, of a block that was never drawn

export function Gallery({ feed, open }) {
  const isEmpty = feed.pages.length === 1 && !feed.pages[0].images?.length;
  if (isEmpty && !(isRunning(feed.status.status) && feed.status.total_images)) return null;
  return html`<section aria-labelledby="pictures-title" class="gallery">
    <h2 id="pictures-title">Pictures</h2>
    ${feed.pages.map((page) => html`<${Block} key=${page.index} feed=${feed} page=${page} open=${open} expected=${Math.min(feed.status.total_images, 24)} />`)}
  </section>`;
}

function Block({ feed, page, open, expected }) {
  const place = useRef(null);
  const height = useRef(page.index ? EMPTY_HEIGHT : 0);
  const [isNear, setNear] = useState(false);
  const isSeen = isNear || page.index === 0; // the first one stays: the keyboard and a screen reader come from above
  useEffect(() => {
    const watcher = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting && place.current.offsetHeight) height.current = place.current.offsetHeight;
      feed.see(page, entry.isIntersecting);
      setNear(entry.isIntersecting);
    }, { rootMargin: NEAR });
    watcher.observe(place.current);
    return () => { watcher.disconnect(); feed.see(page, false); };
  }, [page]);
  const style = isSeen && page.images ? "" : `min-height:${height.current}px`;
  return html`<ul class="tiles" ref=${place} style=${style}>
    ${isSeen && (page.images?.length ? page.images : blanks(expected)).map((image, index) => html`<li key=${index}><${Tile} image=${image} open=${open} /></li>`)}
  </ul>`;
}

const blanks = (count) => Array.from({ length: count }, () => ({ input_url: "", status: "pending" }));

// The smallest rendition that fills a tile, if there are some: a thumbnail in the place of a zoom.
function shownOf(image) {
  const large = Object.values(image.renditions || {}).filter((made) => made.width >= TILE_WIDTH);
  const [first] = large.sort((one, other) => one.width - other.width);
  return first ? { ...first, src: first.url } : { ...image, src: image.output_url };
}

function Tile({ image, open }) {
  const name = nameOf(image.input_url);
  if (image.status === "completed") {
    const size = sizeOf(image);
    const saved = `${size && `${size} `}${change(image.bytes_in, image.bytes_out)}`;
    const { src, width, height } = shownOf(image);
    return html`<button type="button" class=${`tile ${size && "sized"}`} onClick=${() => open(image.input_url)} aria-label=${`${name}, ${saved}. Compare`}>
      <span class="frame"><img src=${src} width=${width} height=${height} alt="" loading="lazy" decoding="async" /></span>
      <span class="name">${name}</span><span class="saved">${saved}</span></button>`;
  }
  const isFailed = image.status === "failed";
  return html`<div class=${`tile ${isFailed ? "failed" : "pending"}`}>
    <span class="frame">${isFailed && html`<span class="why">${titleOf(image.error)}</span>`}</span>
    <span class="name">${name || " "}</span><span class="saved">${isFailed ? "failed" : ""}</span></div>`;
}
