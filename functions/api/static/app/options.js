// The options, folded behind one line that says what was chosen.

import { GROUPS, firstWrong, summaryOf, wrongOf } from "./choices.js";
import { Renditions } from "./renditions.js";
import { html, useState } from "./ui.js";

const SIZES = new Set(["max_width", "max_height"]);
const PATIENCE_MS = 3000;

export function Options({ options, change }) {
  const [wasOpened, setOpened] = useState(false);
  return html`<details class="options" onToggle=${() => setOpened(true)}>
    <summary><span class="label">Options</span> <span class="chosen">${summaryOf(options)}</span></summary>
    ${GROUPS.map(([title, fields], at) => [html`<fieldset key=${title}><legend>${title}</legend><div class="fields">
      ${fields.map((field) => html`<${Field} key=${field.name} field=${field} value=${options[field.name] ?? ""} change=${change} isOff=${Boolean(options.renditions) && SIZES.has(field.name)} />`)}
    </div></fieldset>`, at === 0 && wasOpened && html`<${Renditions} key="renditions" renditions=${options.renditions} change=${change} />`])}
  </details>`;
}

// What is typed counts at once. What is wrong is said when the field is left, and no longer once it is right.
function Field({ field, value, change, isOff }) {
  const [wasLeft, setLeft] = useState(value !== "");
  const id = `option-${field.name}`;
  const wrong = wasLeft && !isOff ? wrongOf(field, value) : "";
  const set = (event) => { setLeft(true); change(field.name, event.target.value.trim()); };
  const type = (event) => change(field.name, event.target.value, { isTyping: true });
  const shared = { id, name: field.name, disabled: isOff, onChange: set, "aria-describedby": `${id}-says`, "aria-invalid": wrong ? "true" : null };
  return html`<div class="field">
    <label class="label" for=${id}>${field.label}</label>
    ${field.choices
      ? html`<select ...${shared} value=${value}>${field.choices.map(([of, name]) => html`<option value=${of} selected=${of === value}>${name}</option>`)}</select>`
      : html`<input ...${shared} value=${value} onInput=${type} autocomplete="off" inputmode=${field.inputmode} placeholder=${field.hint} />`}
    <span class=${wrong ? "wrong" : "says"} id=${`${id}-says`}>${wrong || (isOff ? "The sizes and shapes below say it." : field.says)}</span></div>`;
}

// Before a start: raises what is not complete, and leads to it.
export function refuseIncomplete(options) {
  const wrong = firstWrong(options);
  if (!wrong) return;
  lead(wrong.at);
  throw new Error(`Not started. ${wrong.what}`);
}

async function lead(to) { // the fields may not have been drawn yet
  document.querySelector(".options").open = true;
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until;) {
    const found = document.querySelector(to);
    if (found) { found.focus(); return; }
    await new Promise((done) => { requestAnimationFrame(done); });
  }
}
