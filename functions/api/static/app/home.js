// The first view: what it does, a place to drop a file, what was understood of it, and the start.

import { assets } from "./api.js";
import { changesReading, firstWrong, isOfFile, sendable } from "./choices.js";
import { Drop } from "./drop.js";
import { Options, refuseIncomplete } from "./options.js";
import { rowsOf } from "./sizes.js";
import { Action, Note, Waiting, html, loaded, useEffect, useRef, useState } from "./ui.js";

// Loaded when there is a file: the first view does without.
const sending = () => loaded(() => import("./sending.js"));
const checking = () => loaded(() => import("./check.js"));

const SHOE = { before: "16.5 kB", after: "5 kB" }; // as the two files are; a test compares
// Coming back finds these: from another screen, or after the key was asked for. `answers` are options about this file.
const kept = { options: {}, answers: {}, file: null };
const chosenOptions = () => ({ ...kept.options, ...kept.answers });

const reading = () => JSON.stringify(Object.entries(sendable(chosenOptions())).filter(([name]) => changesReading(name)).sort());

function keep(name, value) {
  if (value === (chosenOptions()[name] ?? "")) return;
  if (kept.file && isOfFile(name)) { kept.answers = { ...kept.answers, [name]: value }; return; }
  const { [name]: _, ...others } = kept.options; // two may change at once
  kept.options = value ? { ...others, [name]: value } : others;
  if (kept.options.renditions) { delete kept.options.max_width; delete kept.options.max_height; } // they have sizes of their own
}

export function Home() {
  const [, draw] = useState(0);
  const [seen, setSeen] = useState(null); // {found, refused, isPart, unmet}, {error} or {isBusy}
  const turn = useRef(0);
  const readAs = useRef("");
  const { file } = kept;
  const options = chosenOptions();
  const redraw = () => draw((now) => now + 1);

  const look = async () => {
    const mine = ++turn.current;
    readAs.current = reading();
    setSeen({ isBusy: true });
    try {
      const [{ check }, parts] = await Promise.all([sending(), checking()]);
      const found = await check(kept.file, sendable(chosenOptions())).catch((error) => ({ error, unmet: error.unmet }));
      if (mine === turn.current) setSeen({ ...found, parts });
    } catch { if (mine === turn.current) setSeen({ isBroken: true }); }
  };
  useEffect(() => { if (kept.file) look(); }, []);
  const take = (chosen) => {
    if (chosen.name !== kept.file?.name) kept.answers = {}; // of the same name it is the same file, mended
    kept.file = chosen;
    look();
  };
  const change = (name, value, { isTyping = false } = {}) => {
    keep(name, value);
    redraw();
    if (kept.file && !isTyping && readAs.current !== reading()) look();
  };
  const begin = async (chosen, wanted) => {
    const id = await (await sending()).start(chosen, wanted);
    kept.file = null;
    kept.answers = {};
    location.hash = `#/requests/${id}`;
  };
  const refuse = () => { // while something is not complete
    const rows = rowsOf(kept.options.renditions);
    if (rows.length) change("renditions", rows.map((row) => ({ ...row, wasLeft: true })));
    refuseIncomplete(chosenOptions());
  };
  const start = async (more = {}) => {
    refuse();
    const unmet = new Set(Object.keys(seen.unmet || {}));
    const wanted = Object.entries(sendable(chosenOptions())).filter(([name]) => !unmet.has(name));
    return begin(file, { ...Object.fromEntries(wanted), ...more });
  };
  const trySample = async () => { refuse(); return begin(await (await sending()).sample(), picturesOnly(sendable(kept.options))); };
  const isWhole = !firstWrong(options);

  return html`
    <div class=${`hero ${file ? "small" : ""}`}>
      <div><h1 tabindex="-1">Smaller images for a whole catalogue.</h1>
        ${!file && html`<p class="lead">Drop a CSV with image URLs. Get back the same CSV with new URLs, and pictures a fraction of the size.</p>`}</div>
      ${!file && html`<${Shown} />`}
    </div>
    <${Drop} file=${file} take=${take} />
    ${!file && html`<div class="sample"><${Action} key=${isWhole} kind="secondary" run=${trySample} busy="Starting …">Try it with the sample<//>
      <p>No CSV at hand? This runs eight of our own pictures, and takes a few seconds.</p></div>`}
    <${Options} options=${options} change=${change} />
    ${seen?.isBusy && html`<${Waiting}>Reading ${file.name} …<//>`}
    ${seen?.isBroken && html`<${Note} kind="bad">This part of the page could not be loaded. <button type="button" class="link" onClick=${look}>Try again</button><//>`}
    ${seen?.error && html`<${seen.parts.Refused} error=${seen.error} change=${change} again=${look} unmet=${seen.unmet} />`}
    ${seen?.parts && !seen.error && html`<${seen.parts.Checked} isWhole=${isWhole} file=${file} seen=${seen} begin=${start} options=${options} change=${change} />`}
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

function Steps() {
  return html`<ol class="steps" aria-label="How it goes">
    <li><strong>Check</strong><span>See how the file was read, and what is wrong in it, before anything runs.</span></li>
    <li><strong>Watch</strong><span>Pictures come in as they are done. Compare each with its original.</span></li>
    <li><strong>Take</strong><span>The CSV with its new URLs, a workbook, or all pictures in a ZIP.</span></li>
  </ol>`;
}
