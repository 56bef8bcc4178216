// One picture before and after, at full size under one slider. The original comes from the shop only now.

import { html, useLayoutEffect, useRef, useState } from "./ui.js";
import { allSizes, bytes, formatOf, nameOf, share, sizeOf } from "./words.js";

const STEP = 60; // pixels that an arrow moves an enlarged picture by

export function Viewer({ images, url, show, close }) {
  const dialog = useRef(null);
  const [isWhole, setWhole] = useState(true);
  const done = images.filter((image) => image.status === "completed");
  const at = done.findIndex((image) => image.input_url === url);
  const image = done[at];
  useLayoutEffect(() => { dialog.current.showModal(); dialog.current.querySelector("[autofocus]").focus(); }, []);
  const go = (step) => { const next = done[at + step]; if (next) show(next.input_url); };
  const keys = (event) => {
    if (event.target.type === "range" || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { ArrowRight: () => go(1), ArrowLeft: () => go(-1), z: () => setWhole(!isWhole), 1: () => setWhole(!isWhole) }[event.key];
    if (act) { event.preventDefault(); act(); }
  };
  return html`<dialog class="viewer" ref=${dialog} onClose=${close} onKeyDown=${keys} aria-labelledby="viewer-title">
    <div class="bar"><h2 id="viewer-title" class="long">${nameOf(image.input_url)}</h2>
      <span class="place">${at + 1} of ${done.length}</span>
      <button type="button" class="secondary" onClick=${() => dialog.current.close()}>Close</button></div>
    <${Compare} key=${url} image=${image} isWhole=${isWhole} />
    <${Figures} image=${image} />
    <${Sizes} renditions=${image.renditions || {}} />
    <div class="bar keys">
      <button type="button" class="secondary" autofocus aria-disabled=${at === 0 ? "true" : null} onClick=${() => go(-1)}>← Previous</button>
      <button type="button" class="secondary" aria-disabled=${at === done.length - 1 ? "true" : null} onClick=${() => go(1)}>Next →</button>
      <button type="button" class="secondary" aria-pressed=${isWhole ? "false" : "true"} onClick=${() => setWhole(!isWhole)}>1:1</button>
      <span class="says">Arrows: next and previous. Z: 1:1. Esc: close.</span>
      <a href=${image.output_url} target="_blank" rel="noopener">Open the new picture</a></div>
  </dialog>`;
}

const SAME_SHAPE = 0.02; // by how much proportions may differ: edges are whole pixels
const ALONE = {
  lost: "The shop does not show the original here: this is the new picture alone.",
  other: "The new picture has another shape than the original, so they cannot lie over each other: this is the new one alone.",
};

function Compare({ image, isWhole }) {
  const [cut, setCut] = useState(50);
  const [original, setOriginal] = useState("loading"); // then "there", "other" of another shape, or "lost": shops may not show theirs on other pages
  const scale = window.devicePixelRatio || 1;
  const { width, height } = image;
  const size = isWhole ? `aspect-ratio:${width}/${height};width:min(100%, ${width}px, var(--stage-height) * ${width / height})` : `width:${width / scale}px;height:${height / scale}px`;
  const isAlone = original in ALONE;
  const look = ({ target }) => setOriginal(Math.abs((target.naturalWidth / target.naturalHeight) / (width / height) - 1) < SAME_SHAPE ? "there" : "other");
  return html`<div class=${`stage ${isWhole ? "whole" : "real"}`}>
    <div class="scroller" ...${isWhole ? {} : { tabindex: 0, role: "region", "aria-label": "The picture at 1:1; it can be scrolled", ...dragged }}>
      <div class="pair" style=${`${size};--cut:${original === "there" ? cut : 0}%`}>
        <img class="after" src=${image.output_url} alt=${`${nameOf(image.input_url)}, after`} />
        ${!isAlone && html`<img class="before" src=${image.input_url} alt=${`${nameOf(image.input_url)}, before`} referrerpolicy="no-referrer" onError=${() => setOriginal("lost")} onLoad=${look} />`}
        ${original === "there" && html`<span class="edge" aria-hidden="true"></span>`}
      </div></div>
    ${isAlone ? html`<p class="says lost" role="status">${ALONE[original]} ${original === "other" && html`<a href=${image.input_url} target="_blank" rel="noopener noreferrer">Open the original</a>`}</p>`
      : html`<label class="slider"><span aria-hidden="true">Before</span>
        <input type="range" min="0" max="100" value=${cut} aria-label="How much of the original is shown" aria-valuetext=${`${cut} percent of the original`} onInput=${(event) => setCut(Number(event.target.value))} />
        <span aria-hidden="true">After</span></label>`}
    ${original === "loading" && html`<p class="hidden" role="status">The original is being loaded</p>`}</div>`;
}

// An enlarged picture is moved by the mouse, too; a finger scrolls it as it is.
const dragged = {
  onPointerDown(event) {
    if (event.pointerType !== "mouse") return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
  },
  onPointerMove(event) {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) event.currentTarget.scrollBy(-event.movementX, -event.movementY);
  },
  onKeyDown(event) {
    const by = { ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    if (by) { event.preventDefault(); event.currentTarget.scrollBy(...by); }
  },
};

// Side by side, in one line that scrolls where it is too long.
function Sizes({ renditions }) {
  const all = Object.entries(renditions);
  if (!all.length) return null;
  return html`<ul class="sizes" aria-label="Sizes">${all.map(([size, made]) => html`<li key=${size}>
    <a href=${made.url} target="_blank" rel="noopener"><img src=${made.url} alt="" loading="lazy" />${size}</a>
    <small>${made.width} × ${made.height}, ${bytes(made.bytes)}</small>${made.warning && html`<small class="wrong">${made.warning}</small>`}</li>`)}</ul>`;
}

function Figures({ image }) {
  const size = sizeOf(image);
  const facts = [
    ["before", bytes(image.bytes_in), formatOf(image.input_url)],
    [size ? `after: ${size} alone` : "after", bytes(image.bytes_out), formatOf(image.output_url)],
    [size ? `saved by ${size} alone` : "saved", share(image.bytes_in, image.bytes_out), bytes(image.bytes_in - image.bytes_out)],
    ...(size ? [["all sizes together", bytes(allSizes(image)), ""]] : []),
    ["pixels", `${image.width} × ${image.height}`, ""],
  ];
  return html`<dl class="facts">${facts.map(([what, value, more]) => html`<div key=${what}><dt>${what}</dt><dd>${value} <small>${more}</small></dd></div>`)}</dl>`;
}
