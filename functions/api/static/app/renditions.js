// Sizes and shapes of each picture, as rows with a little picture of how it goes into its box.

import { read } from "./api.js";
import { html, useLoaded, useRef, useState } from "./ui.js";

const MOST = 8;
const FITS = [["max", "inside the box"], ["cover", "cut to fill it"], ["pad", "on a canvas"]];
const FORMATS = [["", "as above"], ["jpeg", "JPEG"], ["png", "PNG"], ["webp", "WebP"], ["avif", "AVIF"], ["auto", "auto"]];
const READY = [
  { name: "thumb", width: "320", height: "320", fit: "pad", format: "" },
  { name: "listing", width: "800", height: "", fit: "max", format: "" },
  { name: "zoom", width: "2000", height: "2000", fit: "max", format: "" },
];

const isWhole = (row) => /^[a-z0-9][a-z0-9_-]*$/.test(row.name) && (row.width || row.height);
const written = (row) => `${row.name}=${[`${row.width}x${row.height}`, row.fit === "max" ? "" : row.fit, row.fit === "pad" ? "white" : "", row.format].filter(Boolean).join(",")}`;

export const countOf = (text) => (text ? text.split(";").length : 0);
export const isSet = (text) => Boolean(text) && !text.includes("="); // the name of one that the deployment has

function parsed(text) { // of what `written` makes
  return (isSet(text) ? "" : text || "").split("; ").filter(Boolean).map((part, id) => {
    const [name, rest] = part.split("=");
    const words = rest.split(",");
    const [width, height] = words[0].split("x");
    const fit = FITS.map(([of]) => of).find((of) => words.includes(of)) || "max";
    return { id, name, width, height, fit, format: FORMATS.map(([of]) => of).find((of) => of && words.includes(of)) || "" };
  });
}

export function Renditions({ text, change }) {
  const [rows, setRows] = useState(() => parsed(text));
  const next = useRef(rows.length);
  const set = (wanted) => { setRows(wanted); change("renditions", wanted.filter(isWhole).map(written).join("; ")); };
  const add = (made) => { next.current += 1; set([...rows, ...made.map((row, at) => ({ ...row, id: next.current + at / MOST }))]); };
  const edit = (id, name, value) => set(rows.map((row) => (row.id === id ? { ...row, [name]: value } : row)));
  const { value } = useLoaded(() => read("/renditions", { isOptional: true }), "");
  const sets = value?.sets || [];
  const chosen = sets.find((each) => each.name === text);
  const missing = READY.filter((ready) => !rows.some((row) => row.name === ready.name));
  return html`<fieldset><legend>Sizes and shapes</legend><div class="renditions">
    <p class="says">Each picture can come in up to ${MOST} sizes, each in a column of its own. The first stands for the picture.</p>
    ${sets.length > 0 && html`<div class="field set"><label class="label" for="rendition-set">Set</label><select id="rendition-set" aria-describedby="rendition-set-says" onChange=${(event) => { setRows([]); change("renditions", event.target.value); }}>
      <option value="" selected=${!chosen}>my own</option>${sets.map(({ name }) => html`<option key=${name} value=${name} selected=${name === text}>${name}</option>`)}</select>
      <span class="says" id="rendition-set-says">${chosen ? chosen.renditions : "Sizes that this service knows by a name."}</span></div>`}
    ${!chosen && rows.map((row) => html`<${Row} key=${row.id} row=${row} edit=${edit} remove=${() => set(rows.filter((each) => each !== row))} />`)}
    ${!chosen && rows.length < MOST && html`<p class="buttons">
      ${missing.map((ready) => html`<button key=${ready.name} type="button" class="secondary" onClick=${() => add([ready])}>Add ${ready.name}</button>`)}
      <button key="own" type="button" class="quiet" onClick=${() => add([{ name: "", width: "", height: "", fit: "max", format: "" }])}>Another size</button></p>`}
  </div></fieldset>`;
}

function Row({ row, edit, remove }) {
  const on = (name) => (event) => { if (event.target.reportValidity()) edit(row.id, name, event.target.value.trim()); };
  const field = (name, label, more) => html`<label class="field"><span class="label">${label}</span><input defaultValue=${row[name]} onChange=${on(name)} ...${more} /></label>`;
  const choice = (name, label, all) => html`<label class="field"><span class="label">${label}</span><select value=${row[name]} onChange=${on(name)}>${all.map(([of, text]) => html`<option key=${of} value=${of} selected=${of === row[name]}>${text}</option>`)}</select></label>`;
  const edge = { type: "number", min: 1, max: 16383, placeholder: "any" };
  return html`<div class="rendition" role="group" aria-label=${`Size ${row.name}`}><${Picture} fit=${row.fit} />
    ${field("name", "Name", { pattern: "[a-z0-9][a-z0-9_\\-]*", required: true, placeholder: "small" })}
    ${field("width", "Width", edge)}${field("height", "Height", edge)}
    ${choice("fit", "Fit", FITS)}${choice("format", "As", FORMATS)}
    <button type="button" class="quiet danger" aria-label=${`Remove ${row.name}`} onClick=${remove}>Remove</button></div>`;
}

// The box is dashed; the picture lies in it, fills it, or has a canvas around it.
function Picture({ fit }) {
  const shape = { max: [4, 11, 32, 18], cover: [-6, 4, 52, 32], pad: [4, 11, 32, 18] }[fit];
  const [x, y, width, height] = shape;
  return html`<svg class="fit" viewBox="-8 0 56 40" aria-hidden="true">
    ${fit === "pad" && html`<rect class="canvas" x="4" y="4" width="32" height="32" />`}
    <rect class="picture" x=${x} y=${y} width=${width} height=${height} /><rect class="box" x="4" y="4" width="32" height="32" /></svg>`;
}
