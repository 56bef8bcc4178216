// Before anything runs: what was understood of the file, what is wrong with it, and the start.

import { sentence } from "./api.js";
import { ColumnChoice, mendOf } from "./mending.js";
import { Action, Note, html } from "./ui.js";
import { bytes, counted, dollars, number } from "./words.js";

const DELIMITERS = { ",": "commas", ";": "semicolons", "\t": "tabs" };
const SHOWN_ERRORS = 50;

export function Checked({ file, seen, begin }) {
  const { found, refused, isPart } = seen;
  if (!found) return html`<${Unread} file=${file} begin=${begin} />`;
  const bad = refused?.errors ?? found.errors;
  const total = refused?.total ?? found.errors_total;
  return html`<section class="check" aria-labelledby="check-title">
    <h2 id="check-title">${isPart ? `Read so far: the beginning of ${bytes(file.size)}` : "This is how the file was read"}</h2>
    <p class="hidden" role="status">${counted(found.total_products, "product")}, ${counted(found.total_images, "image")}, ${total ? counted(total, "thing is", "things are") : "nothing is"} wrong.</p>
    <${Facts} found=${found} isPart=${isPart} />
    ${found.warnings.map((warning) => html`<${Note} kind="warn" key=${warning}>${sentence(warning)}<//>`)}
    <${FirstRows} preview=${found.preview} rows=${found.total_products} />
    ${total > 0 && html`<${RowErrors} errors=${bad} total=${total} />`}
    <${Start} found=${found} isRefused=${Boolean(refused)} isPart=${isPart} bad=${total} begin=${begin} />
  </section>`;
}

function Facts({ found, isPart }) {
  const { preview } = found;
  const urls = preview.url_columns.map((index) => preview.columns[index] ?? `column ${index + 1}`);
  const facts = [
    [found.total_products === 1 ? "product" : "products", number(found.total_products)],
    [found.total_images === 1 ? "image" : "images", number(found.total_images)],
    [urls.length === 1 ? "URL column" : "URL columns", urls.join(", "), "text"],
    preview.sheet ? ["sheet", preview.sheet, "text"] : ["encoding, cells by", `${preview.encoding.toUpperCase()}, ${DELIMITERS[preview.delimiter] || preview.delimiter}`, "text"],
    [isPart ? "for these, by AWS’s list prices" : "by AWS’s list prices", dollars(preview.estimated_cost_usd), "text"],
  ];
  return html`<dl class="facts">${facts.map(([what, value, kind = ""]) => html`<div key=${what} class=${kind}><dt>${what}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function FirstRows({ preview, rows }) {
  const isUrl = new Set(preview.url_columns);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="First rows"><table class="rows">
    <caption>${rows > preview.first_rows.length ? `The first ${preview.first_rows.length} of ${counted(rows, "row")}` : "All rows"}</caption>
    <thead><tr>${preview.columns.map((name, index) => html`<th scope="col" class=${isUrl.has(index) ? "url" : ""}>${name || "–"}${isUrl.has(index) && html`<span class="tag">image URLs</span>`}</th>`)}</tr></thead>
    <tbody>${preview.first_rows.map((cells) => html`<tr>${preview.columns.map((_, index) => html`<td class=${isUrl.has(index) ? "url" : ""} title=${cells[index]}>${cells[index]}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

export function RowErrors({ errors, total }) {
  const shown = errors.slice(0, SHOWN_ERRORS);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What is wrong"><table id="errors" class="stack">
    <caption>${total > shown.length ? `What is wrong: the first ${shown.length} of ${number(total)}` : `What is wrong: ${counted(total, "thing")}`}</caption>
    <thead><tr><th scope="col" class="num">Line</th><th scope="col">Column</th><th scope="col">What, and how to mend it</th><th scope="col">It says</th></tr></thead>
    <tbody>${shown.map((error) => html`<tr><td class="num" data-label="Line">${number(error.line)}</td><td data-label="Column">${error.column || "–"}</td>
      <td>${sentence(error.message)}<span class="mend">${mendOf(error)}</span></td><td><code>${error.value}</code></td></tr>`)}</tbody>
  </table></div>`;
}

function Start({ found, isRefused, isPart, bad, begin }) {
  const images = counted(found.total_images, "image");
  if (!found.total_images && !isPart) {
    return html`<${Note} kind="bad">No row of the file names an image: there is nothing to compress.<//>`;
  }
  if (isRefused) {
    return html`<p class="start"><${Action} kind="primary" busy="Starting …" run=${() => begin({ mode: "lenient" })}>Compress the ${images} of the good rows<//>
      <span class="says">${bad === 1 ? "The bad row stays" : "The bad rows stay"} as they are, and the new CSV says why. Or mend the file, and drop it again.</span></p>`;
  }
  return html`<p class="start"><${Action} kind="primary" busy="Starting …" run=${() => begin()}>${isPart ? "Start with the whole file" : `Compress ${images}`}<//>
    <span class="says">${isPart ? "The rest is checked while it is read." : "Nothing has run yet."}</span></p>`;
}

function Unread({ file, begin }) {
  return html`<section class="check"><h2>A workbook of ${bytes(file.size)}</h2>
    <p>Workbooks over 4 MB are read by the service only. What is wrong in it is told before any image runs.</p>
    <p class="start"><${Action} kind="primary" busy="Starting …" run=${() => begin()}>Start with the whole file<//></p></section>`;
}

export function Refused({ error, change, again }) {
  const rows = error.errors.filter((each) => each.line !== undefined);
  const columns = rows.find((each) => each.code === "missing_columns");
  if (columns) return html`<section class="check" aria-label="What is wrong" role="alert"><${ColumnChoice} headers=${columns.value} change=${change} /></section>`;
  return html`<section class="check" aria-label="What is wrong">
    <${Note} kind="bad"><strong>${rows.length ? "The file cannot be used as it is." : error.message}</strong>
      ${!error.isFinal && html` <button type="button" class="link" onClick=${again}>Try again</button>`}<//>
    ${rows.length > 0 && html`<${RowErrors} errors=${rows} total=${error.total} />`}
    ${error.errors.filter((each) => each.name).map((each) => html`<p key=${each.name}><strong>${each.name}</strong>: ${each.message}</p>`)}
  </section>`;
}
