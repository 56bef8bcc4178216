// What can be asked for with a CSV: each option with a sentence on what it does, folded behind one line.

import { countOf, isSet, Renditions } from "./renditions.js";
import { html, useState } from "./ui.js";

const ENCODINGS = ["utf-8", "utf-16", "windows-1250", "windows-1251", "windows-1252", "iso-8859-1", "iso-8859-2",
  "iso-8859-15", "shift_jis", "euc-jp", "gb18030", "big5", "euc-kr"];

const GROUPS = [
  ["The pictures", [
    { name: "quality", label: "Quality", kind: "number", min: 1, max: 100, hint: "50",
      says: "How a picture looks, the same in every format. From 75 on most people see no difference." },
    { name: "format", label: "Format", choices: [["", "keep"], ["jpeg", "JPEG"], ["png", "PNG"], ["webp", "WebP"], ["avif", "AVIF"], ["auto", "auto"]],
      says: "Keep what each picture came in, or make all of them one. Auto takes the smallest." },
    { name: "formats", label: "Auto may take", hint: "all", pattern: "[a-z, ]*",
      says: "With auto: the formats that your shop can show, such as webp,jpeg." },
    { name: "max_width", label: "Max width", kind: "number", min: 1, max: 16383, hint: "any",
      says: "In pixels. Wider pictures are made smaller; none is made larger or cut." },
    { name: "max_height", label: "Max height", kind: "number", min: 1, max: 16383, hint: "any",
      says: "In pixels. Higher pictures are made smaller, in proportion." },
    { name: "effort", label: "Effort", choices: [["", "fast"], ["small", "small"]],
      says: "Small spends more computing time for 5 to 12 % fewer bytes of the same look." },
    { name: "keep_metadata", label: "Metadata", choices: [["", "none"], ["copyright", "copyright"]],
      says: "Keep who made a picture and its licence. Place and camera never stay." },
  ]],
  ["The file", [
    { name: "mode", label: "Bad rows", choices: [["", "refuse the file"], ["lenient", "run the rest"]],
      says: "What happens if a row cannot be used: nothing is started, or the good rows are." },
    { name: "output", label: "New URLs", choices: [["", "in a column of their own"], ["replace", "in place of the old"]],
      says: "In place of the old, a shop's export can be imported again as it is." },
    { name: "url_columns", label: "URL columns", hint: "found by their names",
      says: "The headers of the columns with image URLs, if they have unusual names." },
    { name: "name_column", label: "Name column", hint: "found by its name",
      says: "The header of the column with the product's name." },
    { name: "encoding", label: "Encoding", choices: [["", "found out"], ...ENCODINGS.map((name) => [name, name])],
      says: "If letters look wrong in the check, say which encoding the file has." },
    { name: "sheet", label: "Sheet", hint: "the first with URLs",
      says: "Of a workbook: the name of the sheet, or its number." },
  ]],
  ["The request", [
    { name: "reuse", label: "Earlier results", choices: [["", "work on every picture"], ["latest", "take what is unchanged"]],
      says: "Takes over what your latest request made of a URL, if the shop's picture is the same." },
    { name: "webhook_url", label: "Webhook", kind: "url", hint: "https://…",
      says: "Where a signed message is posted when the request has ended." },
  ]],
];
const READING = new Set(["mode", "url_columns", "name_column", "encoding", "sheet"]); // change how a file is understood
const SIZES = new Set(["max_width", "max_height"]);
export const changesReading = (name) => READING.has(name);

export function summaryOf(options) {
  const sizes = countOf(options.renditions);
  const size = isSet(options.renditions) ? `sizes of ${options.renditions}` : sizes ? `${sizes} ${sizes === 1 ? "size" : "sizes"}` : options.max_width || options.max_height
    ? `up to ${options.max_width || "any"} × ${options.max_height || "any"} px` : "any size";
  const format = options.format ? `${options.format === "auto" ? "smallest format" : `to ${options.format}`}` : "keep format";
  const told = new Set(["quality", "format", "formats", "max_width", "max_height", "renditions"]);
  const more = Object.keys(options).filter((name) => !told.has(name)).length;
  return [`quality ${options.quality || 50}`, format, size, ...(more ? [`${more} more`] : [])].join(" · ");
}

export function Options({ options, change }) {
  const [wasOpened, setOpened] = useState(false);
  return html`<details class="options" onToggle=${() => setOpened(true)}>
    <summary><span class="label">Options</span> <span class="chosen">${summaryOf(options)}</span></summary>
    ${GROUPS.map(([title, fields], at) => [html`<fieldset key=${title}><legend>${title}</legend><div class="fields">
      ${fields.map((field) => html`<${Field} key=${field.name} field=${field} value=${options[field.name] ?? ""} change=${change} isOff=${Boolean(options.renditions) && SIZES.has(field.name)} />`)}
    </div></fieldset>`, at === 0 && wasOpened && html`<${Renditions} key="renditions" text=${options.renditions} change=${change} />`])}
  </details>`;
}

function Field({ field, value, change, isOff }) {
  const id = `option-${field.name}`;
  const set = (event) => { if (event.target.reportValidity()) change(field.name, event.target.value.trim()); };
  const shared = { id, name: field.name, disabled: isOff, onChange: set, "aria-describedby": `${id}-says` };
  return html`<div class="field">
    <label class="label" for=${id}>${field.label}</label>
    ${field.choices
      ? html`<select ...${shared} value=${value}>${field.choices.map(([of, text]) => html`<option value=${of} selected=${of === value}>${text}</option>`)}</select>`
      : html`<input ...${shared} defaultValue=${value} type=${field.kind || "text"} min=${field.min} max=${field.max} pattern=${field.pattern} placeholder=${field.hint} />`}
    <span class="says" id=${`${id}-says`}>${isOff ? "The sizes and shapes below say it." : field.says}</span></div>`;
}
