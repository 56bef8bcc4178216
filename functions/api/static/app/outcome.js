// The end: what was saved, where, and the files to take away.

import { MAX_GATHERED } from "./feed.js";
import { download } from "./saving.js";
import { Action, html } from "./ui.js";
import { allSizes, bytes, dollars, formatOf, nameOf, number, share } from "./words.js";

const LARGEST = 10;
const ZIP_PICTURES = 50_000; // in one part

export function Outcome({ feed }) {
  const { status } = feed;
  const done = feed.images.filter((image) => image.bytes_in);
  const { isOne, name, count } = sizesOf(status.options);
  const isPart = feed.isGathered && feed.images.length >= MAX_GATHERED && status.total_images > feed.images.length;
  return html`<section class="outcome" aria-label="Savings">
    <div class="total"><p class="big" id="saved">${share(status.bytes_in, status.bytes_out)}<small> smaller${!isOne && `: the size ${name} alone`}</small></p>
      <p>${bytes(status.bytes_saved)} saved: ${bytes(status.bytes_in)} became ${bytes(status.bytes_out)}.</p>
      ${!isOne && feed.isGathered && !isPart && html`<p id="all-sizes">${together(done, count)}</p>`}
      ${status.estimated_cost_usd !== null && html`<p class="says">It cost ${dollars(status.estimated_cost_usd)}, by AWS’s list prices.</p>`}
      <${Downloads} status=${status} /></div>
    <div class="charts">
      ${isPart && html`<p class="says">The charts are of the first ${number(feed.images.length)} images.</p>`}
      ${!isOne && html`<p class="says">The charts are of the size ${name} alone.</p>`}
      <${Bars} title="By format" rows=${byFormat(done)} />
      ${done.length > 1 && html`<${Bars} title=${`The ${done.length > LARGEST ? "ten " : ""}largest savings`} rows=${largest(done)} />`}</div>
  </section>`;
}

// The service counts one size of each picture: the first, or the one that was named.
function sizesOf({ renditions = [], primary }) {
  const count = renditions?.length || 0;
  return { isOne: count < 2, count, name: primary || renditions?.[0]?.split("=")[0] };
}

function together(images, count) {
  const before = images.reduce((sum, image) => sum + image.bytes_in, 0);
  const after = images.reduce((sum, image) => sum + allSizes(image), 0);
  const than = after <= before ? `${share(before, after)} less than the originals` : "more than the originals";
  return `${count === 2 ? "Both" : `All ${count}`} sizes of each picture together have ${bytes(after)}, ${than}.`;
}

function Downloads({ status }) {
  if (!status.output_csv) return null;
  const path = `/download/${status.request_id}`;
  const parts = Math.ceil((status.processed_images - status.failed_images) / ZIP_PICTURES);
  const zips = Array.from({ length: parts }, (_, index) => index + 1);
  return html`<p class="buttons downloads">
    <${Action} kind="primary" busy="Writing …" run=${() => download(path, `results_${status.request_id}.csv`)}>Download the CSV<//>
    <${Action} kind="secondary" busy="Writing …" run=${() => download(`${path}?as=xlsx`)}>Workbook<//>
    ${zips.map((part) => html`<${Action} key=${part} kind="secondary" busy="Packing …" run=${() => download(`${path}?as=zip${part > 1 ? `&part=${part}` : ""}`)}>${parts > 1 ? `ZIP ${part} of ${parts}` : "ZIP of all pictures"}<//>`)}</p>`;
}

function byFormat(images) {
  const sums = new Map();
  for (const image of images) {
    const format = formatOf(image.output_url);
    const sum = sums.get(format) || { name: format, before: 0, after: 0, images: 0 };
    sums.set(format, { ...sum, before: sum.before + image.bytes_in, after: sum.after + image.bytes_out, images: sum.images + 1 });
  }
  return [...sums.values()].sort((one, other) => other.before - one.before);
}

function largest(images) {
  const saved = (image) => image.bytes_in - image.bytes_out;
  return [...images].sort((one, other) => saved(other) - saved(one)).slice(0, LARGEST)
    .map((image) => ({ name: nameOf(image.input_url), before: image.bytes_in, after: image.bytes_out }));
}

// Each bar is as long as what came; its dark part is what is left of it.
function Bars({ title, rows }) {
  const most = Math.max(1, ...rows.map((row) => row.before));
  return html`<table class="bars"><caption>${title}</caption>
    <thead class="hidden"><tr><th scope="col">What</th><th scope="col">Before, after</th><th scope="col">Saved</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr><th scope="row" title=${row.name}>${row.name}</th>
      <td><span class="bar-before" style=${`width:${(100 * row.before) / most}%`}><span class="bar-after" style=${`width:${row.before ? (100 * row.after) / row.before : 0}%`}></span></span>
        <span class="hidden">${bytes(row.before)} to ${bytes(row.after)}</span></td>
      <td class="num">${share(row.before, row.after)}<small>${bytes(row.before - row.after)}</small></td></tr>`)}</tbody></table>`;
}
