// Before anything runs: what was understood of the file, what is wrong with it, and the start.

import { sentence } from "./api.js";
import { useCells } from "./cells.js";
import { RanBefore } from "./earlier.js";
import { ColumnChoice, mendOf } from "./mending.js";
import { Scroll } from "./scroll.js";
import { Action, Note, html } from "./ui.js";
import { bytes, counted, dollars, number } from "./words.js";

const DELIMITERS = { ",": "commas", ";": "semicolons", "\t": "tabs" };
const SHOWN_ERRORS = 50;

export function Checked({ file, seen, begin, isWhole, options, change }) {
  const { found, refused, isPart } = seen;
  const cells = useCells(file, found, refused?.errors ?? found?.errors ?? []);
  if (!found) return html`<${Unread} file=${file} begin=${begin} isWhole=${isWhole} />`;
  const bad = cells;
  const total = refused?.total ?? found.errors_total;
  return html`<section class="check" aria-labelledby="check-title">
    <h2 id="check-title">${isPart ? `Read so far: the beginning of ${bytes(file.size)}` : "This is how the file was read"}</h2>
    <p class="hidden" role="status">${counted(found.total_products, "product")}, ${counted(found.total_images, "image")}, ${total ? counted(total, "thing is", "things are") : "nothing is"} wrong.</p>
    <${Facts} found=${found} isPart=${isPart} />
    <${Unmet} names=${seen.unmet} />
    ${!isPart && !options.reuse && html`<${RanBefore} name=${file.name} images=${found.total_images} change=${change} />`}
    ${found.warnings.map((warning) => html`<${Note} kind="warn" key=${warning}>${sentence(warning)}<//>`)}
    <${FirstRows} preview=${found.preview} rows=${found.total_products} />
    ${total > 0 && html`<${RowErrors} errors=${bad} total=${total} />`}
    <${Start} found=${found} refused=${refused} isPart=${isPart} begin=${begin} isWhole=${isWhole} />
  </section>`;
}

const UNMET = {
  url_columns: ["column", "Its URLs were looked for by the names of the columns."],
  name_column: ["column", "The products’ names were looked for by the names of the columns."],
  sheet: ["sheet", "The first with URLs was read."],
};

function Unmet({ names = {} }) {
  return Object.entries(names).map(([name, value]) => html`<${Note} kind="warn" key=${name}>This file has no ${UNMET[name][0]} “${value}”, which the options name. ${UNMET[name][1]}<//>`);
}

function Facts({ found, isPart }) {
  const { preview } = found;
  const urls = preview.url_columns.map((index) => preview.columns[index] ?? `column ${index + 1}`);
  const facts = [
    [found.total_products === 1 ? "product" : "products", number(found.total_products)],
    [found.total_images === 1 ? "image" : "images", number(found.total_images)],
    [urls.length === 1 ? "URL column" : "URL columns", urls.join(", "), "text"],
    preview.sheet ? ["sheet", preview.sheet, "text"] : ["encoding, separator", `${preview.encoding.toUpperCase()}, ${DELIMITERS[preview.delimiter] || preview.delimiter}`, "text"],
    [isPart ? "for these, by AWS’s list prices" : "by AWS’s list prices", dollars(preview.estimated_cost_usd), "text"],
  ];
  return html`<dl class="facts">${facts.map(([what, value, kind = ""]) => html`<div key=${what} class=${kind}><dt>${what}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function FirstRows({ preview, rows }) {
  const isUrl = new Set(preview.url_columns);
  return html`<${Scroll} label="First rows"><table class="rows">
    <caption>${rows > preview.first_rows.length ? `The first ${preview.first_rows.length} of ${counted(rows, "row")}` : "All rows"}</caption>
    <thead><tr>${preview.columns.map((name, index) => html`<th scope="col" class=${isUrl.has(index) ? "url" : ""}>${name || "–"}${isUrl.has(index) && html`<span class="tag">image URLs</span>`}</th>`)}</tr></thead>
    <tbody>${preview.first_rows.map((cells) => html`<tr>${preview.columns.map((_, index) => html`<td class=${isUrl.has(index) ? "url" : ""} title=${cells[index]}>${cells[index]}</td>`)}</tr>`)}</tbody>
  </table><//>`;
}

export function RowErrors({ errors, total }) {
  const shown = errors.slice(0, SHOWN_ERRORS);
  return html`<${Scroll} label="What is wrong"><table id="errors" class="stack">
    <caption>${total > shown.length ? `What is wrong: the first ${shown.length} of ${number(total)}` : `What is wrong: ${counted(total, "thing")}`}</caption>
    <thead><tr><th scope="col" class="num">Line</th><th scope="col">Column</th><th scope="col">What, and how to mend it</th><th scope="col">The cell says</th></tr></thead>
    <tbody>${shown.map((error) => html`<tr><td class="num" data-label="Line">${number(error.line)}</td><td data-label="Column">${error.column || "–"}</td>
      <td>${sentence(error.message)}<span class="mend">${mendOf(error)}</span></td><td><code>${error.cell || error.value}</code></td></tr>`)}</tbody>
  </table><//>`;
}

function Start({ found, refused, isPart, begin, isWhole }) {
  const images = counted(found.total_images, "image");
  if (!found.total_images && !isPart) {
    return html`<${Note} kind="bad">No row of the file names an image: there is nothing to compress.<//>`;
  }
  if (refused) {
    return html`<p class="start"><${Action} key=${isWhole} kind="primary" busy="Starting …" run=${() => begin({ mode: "lenient" })}>${found.errors_total ? `Compress the ${images} of the good rows` : `Compress ${images}`}<//>
      <span class="says">${whatBecomes(refused, found)} Or mend the file, and drop it again.</span></p>`;
  }
  return html`<p class="start"><${Action} key=${isWhole} kind="primary" busy="Starting …" run=${() => begin()}>${isPart ? "Start with the whole file" : `Compress ${images}`}<//>
    <span class="says">${isPart ? "The rest is checked while it is read." : "Nothing has run yet."}</span></p>`;
}

// The service works around some of what is wrong, and says so in its warnings. The rows of what is left are left out.
function whatBecomes(refused, found) {
  const rows = found.errors_total > found.errors.length ? found.errors_total : new Set(found.errors.map((error) => error.line)).size;
  const around = refused.total > found.errors_total ? `${refused.total - found.errors_total === 1 ? "One thing" : `${number(refused.total - found.errors_total)} things`} that ${refused.total - found.errors_total === 1 ? "is" : "are"} wrong will be worked around, as the notes above say.` : "";
  const left = rows ? `${rows === 1 ? "The bad row stays as it is" : "The bad rows stay as they are"}, and the new CSV says why.` : "";
  return [around, left].filter(Boolean).join(" ");
}

function Unread({ file, begin, isWhole }) {
  return html`<section class="check"><h2>A workbook of ${bytes(file.size)}</h2>
    <p>Workbooks over 4 MB are read by the service only. What is wrong in it is told before any image runs.</p>
    <p class="start"><${Action} key=${isWhole} kind="primary" busy="Starting …" run=${() => begin()}>Start with the whole file<//></p></section>`;
}

export function Refused({ error, change, again, unmet }) {
  const rows = error.errors.filter((each) => each.line !== undefined);
  const columns = rows.find((each) => each.code === "missing_columns");
  if (columns) return html`<section class="check" aria-label="What is wrong" role="alert"><${Unmet} names=${unmet} /><${ColumnChoice} headers=${columns.value} change=${change} /></section>`;
  return html`<section class="check" aria-label="What is wrong">
    <${Note} kind="bad"><strong>${rows.length ? "The file cannot be used as it is." : error.message}</strong>
      ${!error.isFinal && html` <button type="button" class="link" onClick=${again}>Try again</button>`}<//>
    ${rows.length > 0 && html`<${RowErrors} errors=${rows} total=${error.total} />`}
    ${error.errors.filter((each) => each.name).map((each) => html`<p key=${each.name}><strong>${each.name}</strong>: ${each.message}</p>`)}
  </section>`;
}
