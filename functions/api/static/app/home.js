// The first view: what it does, a place to drop a file, what was understood of it, and the start.

import { assets } from "./api.js";
import { changesReading, Options } from "./options.js";
import { Action, Note, Waiting, html, loaded, useEffect, useRef, useState } from "./ui.js";

// Loaded when there is a file: the first view does without.
const sending = () => loaded(() => import("./sending.js"));
const checking = () => loaded(() => import("./check.js"));

const SHOE = { before: "16.5 kB", after: "5 kB" }; // as the two files are; a test compares
const kept = { options: {}, file: null }; // coming back finds them: from another screen, or after the key was asked for

export function Home() {
  const [options, setOptions] = useState(kept.options);
  const [file, setFile] = useState(kept.file);
  const [seen, setSeen] = useState(null); // {found, refused, isPart}, {error} or {isBusy}
  const turn = useRef(0);

  const look = async (chosen, wanted) => {
    const mine = ++turn.current;
    setSeen({ isBusy: true });
    try {
      const [{ check }, parts] = await Promise.all([sending(), checking()]);
      const found = await check(chosen, wanted).catch((error) => ({ error }));
      if (mine === turn.current) setSeen({ ...found, parts });
    } catch { if (mine === turn.current) setSeen({ isBroken: true }); }
  };
  useEffect(() => { if (kept.file) look(kept.file, kept.options); }, []);
  const take = (chosen) => { kept.file = chosen; setFile(chosen); look(chosen, options); };
  const change = (name, value) => {
    const { [name]: _, ...others } = kept.options; // two may change at once
    const wanted = value ? { ...others, [name]: value } : others;
    if (wanted.renditions) { delete wanted.max_width; delete wanted.max_height; } // they have sizes of their own
    kept.options = wanted;
    setOptions(wanted);
    if (file && changesReading(name)) look(file, wanted);
  };
  const begin = async (chosen, wanted) => {
    const id = await (await sending()).start(chosen, wanted);
    kept.file = null;
    location.hash = `#/requests/${id}`;
  };
  const trySample = async () => begin(await (await sending()).sample(), picturesOnly(options));

  return html`
    <div class=${`hero ${file ? "small" : ""}`}>
      <div><h1 tabindex="-1">Smaller images for a whole catalogue.</h1>
        ${!file && html`<p class="lead">Drop a CSV with image URLs. Get back the same CSV with new URLs, and pictures a fraction of the size.</p>`}</div>
      ${!file && html`<${Shown} />`}
    </div>
    <${Drop} file=${file} take=${take} />
    ${!file && html`<div class="sample"><${Action} kind="secondary" run=${trySample} busy="Starting …">Try it with the sample<//>
      <p>No CSV at hand? This runs eight of our own pictures, and takes some seconds.</p></div>`}
    <${Options} options=${options} change=${change} />
    ${seen?.isBusy && html`<${Waiting}>Reading ${file.name} …<//>`}
    ${seen?.isBroken && html`<${Note} kind="bad">This part of the page could not be loaded. <button type="button" class="link" onClick=${() => look(file, options)}>Try again</button><//>`}
    ${seen?.error && html`<${seen.parts.Refused} error=${seen.error} change=${change} again=${() => look(file, options)} />`}
    ${seen?.parts && !seen.error && html`<${seen.parts.Checked} file=${file} seen=${seen} begin=${(more = {}) => begin(file, { ...options, ...more })} />`}
    ${!file && html`<${Steps} />`}`;
}

// Options about how a file is read are about the person's file, not about the sample.
function picturesOnly(options) {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !changesReading(name)));
}

// The product in one picture: the left half as it came, the right half as it left.
function Shown() {
  return html`<figure class="shown"><div>
      <img src=${`${assets}/sample/running-shoe-2.webp`} width="560" height="420" alt="" />
      <img class="after" src=${`${assets}/sample/running-shoe-2.after.webp`} width="560" height="420" alt="" /></div>
    <figcaption><span>${SHOE.before} before</span><span>${SHOE.after} after</span></figcaption></figure>`;
}

function Drop({ file, take }) {
  const [isOver, setOver] = useState(false);
  const [wrong, setWrong] = useState("");
  const over = (event) => { event.preventDefault(); setOver(true); };
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    const { files } = event.dataTransfer;
    setWrong(files.length > 1 ? "One file at a time: the first was taken." : "");
    if (files.length) take(files[0]);
  };
  const choose = (event) => { if (event.target.files.length) take(event.target.files[0]); };
  const forget = (event) => { event.target.value = ""; }; // so that the same file can be chosen again, mended
  return html`<div class=${`drop ${isOver ? "over" : ""} ${file ? "filled" : ""}`} onDragOver=${over} onDragLeave=${() => setOver(false)} onDrop=${drop}>
    <input id="file" type="file" accept=".csv,.gz,.xlsx,.xlsm,.ods,.xls,text/csv" onChange=${choose} onClick=${forget} aria-describedby="file-said" />
    <label for="file"><svg viewBox="0 0 48 48" aria-hidden="true"><rect x="5" y="9" width="26" height="30" rx="2" /><path d="M5 18h26M5 26h26M14 18v21" /><path class="mark" d="M38 14v20m-6-6 6 6 6-6" /></svg>
      <strong>${file ? file.name : "Choose a CSV, or drop it here"}</strong>
      <span id="file-said">${file ? "Choose or drop another one" : html`or Excel, or OpenDocument, with a column like <code>Images</code> or <code>Image Src</code>`}</span></label>
    ${wrong && html`<${Note}>${wrong}<//>`}</div>`;
}

function Steps() {
  return html`<ol class="steps" aria-label="How it goes">
    <li><strong>Check</strong><span>See how the file was read, and what is wrong in it, before anything runs.</span></li>
    <li><strong>Watch</strong><span>Pictures come in as they are done. Compare each with its original.</span></li>
    <li><strong>Take</strong><span>The CSV with its new URLs, a workbook, or all pictures in a ZIP.</span></li>
  </ol>`;
}
