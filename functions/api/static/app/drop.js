// Where a file is chosen or dropped.

import { Note, html, useState } from "./ui.js";

export function Drop({ file, take }) {
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
