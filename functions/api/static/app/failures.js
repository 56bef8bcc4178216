// What failed, by reason: what that means, what to do, and those images again or as a CSV.

import { adviceOf, detailOf, titleOf } from "./reasons.js";
import { csvOf, save } from "./saving.js";
import { csvFile, start } from "./sending.js";
import { Action, Waiting, html } from "./ui.js";
import { counted, nameOf, number } from "./words.js";

const SHOWN = 5;
export function Failures({ feed }) {
  const { status } = feed;
  if (!status.failed_images && status.status !== "cancelled") return null;
  const groups = grouped(feed.images);
  if (!groups.length) return feed.isGathered ? null : html`<${Waiting}>Looking for what failed …<//>`;
  const told = groups.reduce((sum, [, images]) => sum + images.length, 0);
  return html`<section aria-labelledby="failures-title" id="failures"><h2 id="failures-title">What failed</h2>
    ${feed.isGathered && told < status.failed_images && html`<p class="says">These are ${number(told)} of ${counted(status.failed_images, "failure")}: those among the first ${number(feed.images.length)} images. The download has all.</p>`}
    ${!feed.isGathered && html`<${Waiting}>There may be more …<//>`}
    ${groups.map(([code, images]) => html`<${Group} key=${code} code=${code} images=${images} status=${status} feed=${feed} />`)}</section>`;
}

function grouped(images) {
  const groups = new Map();
  for (const image of images) {
    if (image.status === "failed") groups.set(image.error.code, [...(groups.get(image.error.code) || []), image]);
  }
  return [...groups].sort((one, other) => other[1].length - one[1].length);
}

function Group({ code, images, status, feed }) {
  const title = titleOf(images[0].error);
  const stem = status.file_name.replace(/\.[^.]*$/, "");
  const takeCsv = () => save(csvFile(csvOf([["Product Name", "Image URL", "Reason", "What it means"], ...rowsOf(images, feed)]), ""), `${stem}_${code}.csv`);
  const retry = async () => {
    const rows = rowsOf(images, feed).map(([name, url]) => [name, url]);
    const file = csvFile(csvOf([["Product Name", "Image URL"], ...rows]), `${stem}_${code}.csv`);
    location.hash = `#/requests/${await start(file, pictureOptions(status.options))}`;
  };
  const detail = [...new Set(images.map((image) => detailOf(image.error)))];
  return html`<article class="failure"><div><h3>${title} <span class="count">${counted(images.length, "image")}</span></h3>
      <p>${adviceOf(images[0].error)}</p>${detail.length === 1 && detail[0] && html`<p class="says">What happened: ${detail[0]}.</p>`}</div>
    <p class="buttons"><${Action} kind="secondary" busy="Starting …" run=${retry} label=${`Retry these: ${title}`}>Retry these<//>
      <${Action} kind="quiet" run=${takeCsv} label=${`CSV of these: ${title}`}>CSV of these<//></p>
    <ul class="urls">${images.slice(0, SHOWN).map((image) => html`<li key=${image.input_url}><a href=${safe(image.input_url)} target="_blank" rel="noopener noreferrer" title=${image.input_url}>${nameOf(image.input_url)}</a></li>`)}
      ${images.length > SHOWN && html`<li>and ${images.length - SHOWN} more</li>`}</ul></article>`;
}

const safe = (url) => (/^https?:\/\//i.test(url) ? url : null); // an entry that is no URL is no link

function rowsOf(images, feed) {
  const names = new Map();
  for (const product of feed.pages.flatMap((page) => page.products || [])) {
    for (const url of product.input_urls) if (!names.has(url)) names.set(url, product.product_name);
  }
  return images.map((image) => [names.get(image.input_url) || "", image.input_url, image.error.code, image.error.message]);
}

// What is about the pictures holds for a retry, too; what is about the columns of the first file does not.
function pictureOptions(options) {
  const kept = ["quality", "format", "formats", "effort", "keep_metadata", "max_width", "max_height"];
  const chosen = kept.filter((name) => options[name] !== undefined && options[name] !== null);
  const sizes = options.renditions?.length ? { renditions: options.renditions.join("; "), ...(options.primary ? { primary: options.primary } : {}) } : {};
  return { mode: "lenient", ...sizes, ...Object.fromEntries(chosen.map((name) => [name, String(options[name])])) };
}
