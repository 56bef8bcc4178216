// Sizes and shapes of each picture, as rows with a little picture of how it goes into its box.

import { read } from "./api.js";
import { FITS, MOST, isSet, nameOf, newRow, rowsOf, wrongIn } from "./sizes.js";
import { html, useLoaded } from "./ui.js";

const FORMATS = [["", "as above"], ["jpeg", "JPEG"], ["png", "PNG"], ["webp", "WebP"], ["avif", "AVIF"], ["auto", "auto"]];
const READY = [
  { name: "thumb", width: "320", height: "320", fit: "pad" },
  { name: "listing", width: "800" },
  { name: "zoom", width: "2000", height: "2000" },
];

export function Renditions({ renditions, change }) {
  const rows = rowsOf(renditions);
  const set = (wanted) => change("renditions", wanted.length ? wanted : "");
  const edit = (id, more) => set(rows.map((row) => (row.id === id ? { ...row, ...more } : row)));
  const { value } = useLoaded(() => read("/renditions", { isOptional: true }), "");
  const sets = value?.sets || [];
  const chosen = isSet(renditions) && sets.find((each) => each.name === renditions);
  const missing = READY.filter((ready) => !rows.some((row) => row.name === ready.name));
  return html`<fieldset><legend>Sizes and shapes</legend><div class="renditions">
    <p class="says">Each picture can come in up to ${MOST} sizes, each in a column of its own. The first stands for the picture.</p>
    ${sets.length > 0 && html`<div class="field set"><label class="label" for="rendition-set">Set</label><select id="rendition-set" aria-describedby="rendition-set-says" onChange=${(event) => change("renditions", event.target.value)}>
      <option value="" selected=${!chosen}>my own</option>${sets.map(({ name }) => html`<option key=${name} value=${name} selected=${name === renditions}>${name}</option>`)}</select>
      <span class="says" id="rendition-set-says">${chosen ? chosen.renditions : "Sizes that this service knows by a name."}</span></div>`}
    ${!chosen && rows.map((row) => html`<${Row} key=${row.id} row=${row} wrong=${wrongIn(row, rows)} edit=${edit} remove=${() => set(rows.filter((each) => each !== row))} />`)}
    ${!chosen && rows.length < MOST && html`<p class="buttons">
      ${missing.map((ready) => html`<button key=${ready.name} type="button" class="secondary" onClick=${() => set([...rows, newRow(ready)])}>Add ${ready.name}</button>`)}
      <button key="own" type="button" class="quiet" onClick=${() => set([...rows, newRow({})])}>Another size</button></p>`}
  </div></fieldset>`;
}

// What is wrong is said from the start, and in red once the row was left.
function Row({ row, wrong, edit, remove }) {
  const says = `size-${row.id}-says`;
  const on = (name) => (event) => edit(row.id, { [name]: name === "name" ? event.target.value : event.target.value.trim() });
  const isWrong = (name) => wrong.some((each) => each.field === name);
  const field = (name, label, more) => html`<label class="field"><span class="label">${label}</span><input value=${row[name]} autocomplete="off" spellcheck=${false} onInput=${on(name)}
    data-wrong=${isWrong(name) ? "true" : null} aria-invalid=${isWrong(name) && row.wasLeft ? "true" : null} aria-describedby=${isWrong(name) ? says : null} inputmode=${more.inputmode} placeholder=${more.placeholder} /></label>`;
  const choice = (name, label, all) => html`<label class="field"><span class="label">${label}</span><select value=${row[name]} onChange=${on(name)}>${all.map(([of, text]) => html`<option key=${of} value=${of} selected=${of === row[name]}>${text}</option>`)}</select></label>`;
  const leave = (event) => { if (!event.currentTarget.contains(event.relatedTarget)) edit(row.id, { wasLeft: true, name: nameOf(row) }); };
  const edge = { inputmode: "numeric", placeholder: "any" };
  return html`<div class="rendition" role="group" aria-label=${`Size ${row.name || "without a name"}`} onFocusOut=${leave}><${Picture} fit=${row.fit} />
    ${field("name", "Name", { placeholder: "small" })}
    ${field("width", "Width", edge)}${field("height", "Height", edge)}
    ${choice("fit", "Fit", FITS)}${choice("format", "Format", FORMATS)}
    <button type="button" class="quiet danger" aria-label=${`Remove ${row.name || "this size"}`} onClick=${remove}>Remove</button>
    ${wrong.length > 0 && html`<p class=${row.wasLeft ? "wrong" : "says"} id=${says}>${wrong.map((each) => each.says).join(" ")}</p>`}</div>`;
}

// The box is dashed; the picture lies in it, fills it, or has a canvas around it.
function Picture({ fit }) {
  const shape = { max: [4, 11, 32, 18], cover: [-6, 4, 52, 32], pad: [4, 11, 32, 18] }[fit];
  const [x, y, width, height] = shape;
  return html`<svg class="fit" viewBox="-8 0 56 40" aria-hidden="true">
    ${fit === "pad" && html`<rect class="canvas" x="4" y="4" width="32" height="32" />`}
    <rect class="picture" x=${x} y=${y} width=${width} height=${height} /><rect class="box" x="4" y="4" width="32" height="32" /></svg>`;
}
