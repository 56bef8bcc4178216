// What can be asked for with a CSV: each option with a sentence on what it does, and what is wrong with a value.

import { isSet, rowsOf, wrongIn, written } from "./sizes.js";

const MOST_PIXELS = 16383;
const FORMATS = ["jpeg", "png", "webp", "avif"]; // that auto may choose
const ENCODINGS = {
  "utf-8": "", "utf-16": "", "utf-16-le": "", "utf-16-be": "",
  "windows-1250": "Central European", "windows-1251": "Cyrillic", "windows-1252": "Western", "windows-1253": "Greek", "windows-1254": "Turkish",
  "iso-8859-1": "Western", "iso-8859-2": "Central European", "iso-8859-9": "Turkish", "iso-8859-15": "Western, with €",
  "shift_jis": "Japanese", "euc-jp": "Japanese", "gb18030": "Chinese", "big5": "traditional Chinese", "euc-kr": "Korean",
};
const encodings = Object.entries(ENCODINGS).map(([name, letters]) => [name, letters ? `${name} (${letters})` : name]);

const within = (least, most) => (text) => (/^[0-9]{1,9}$/.test(text) && text >= least && text <= most ? "" : `Write a whole number from ${least} to ${most.toLocaleString("en")}.`);
const pixels = { inputmode: "numeric", hint: "any", wrong: within(1, MOST_PIXELS) };
const formats = (text) => (text.toLowerCase().split(",").every((name) => FORMATS.includes(name.trim())) ? "" : "Write some of jpeg, png, webp and avif, with commas between them.");
const address = (text) => (/^https?:\/\/[^\s/]+/i.test(text) && !/\s/.test(text) ? "" : "Write the whole address, from https:// on.");

export const GROUPS = [
  ["The pictures", [
    { name: "quality", label: "Quality", inputmode: "numeric", hint: "50", wrong: within(1, 100),
      says: "How a picture looks, the same in every format. From 75 on most people see no difference." },
    { name: "format", label: "Format", choices: [["", "keep"], ["jpeg", "JPEG"], ["png", "PNG"], ["webp", "WebP"], ["avif", "AVIF"], ["auto", "auto"]],
      says: "Keep what each picture came in, or make all of them one. Auto takes the smallest." },
    { name: "formats", label: "Formats that auto may choose", hint: "all", wrong: formats,
      says: "With auto: the formats that your shop can show, such as webp,jpeg." },
    { name: "max_width", label: "Max width", ...pixels,
      says: "In pixels. Wider pictures are made smaller; none is made larger or cut." },
    { name: "max_height", label: "Max height", ...pixels,
      says: "In pixels. Taller pictures are made smaller, in proportion." },
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
    { name: "encoding", label: "Encoding", choices: [["", "detected"], ...encodings],
      says: "If letters look wrong in the check, say which encoding the file has." },
    { name: "sheet", label: "Sheet", hint: "the first with URLs",
      says: "Of a workbook: the name of the sheet, or its number." },
  ]],
  ["The request", [
    { name: "reuse", label: "Earlier results", choices: [["", "work on every picture"], ["latest", "take what is unchanged"]],
      says: "Takes over what your latest request made of a URL, if the shop's picture is the same." },
    { name: "webhook_url", label: "Webhook", hint: "https://…", wrong: address,
      says: "Where a signed message is posted when the request has ended." },
  ]],
];
const FIELDS = GROUPS.flatMap(([, fields]) => fields);
const OF_FILE = new Set(["url_columns", "name_column", "encoding", "sheet"]); // how one file is to be understood
export const isOfFile = (name) => OF_FILE.has(name);
export const changesReading = (name) => OF_FILE.has(name) || name === "mode";

export const wrongOf = (field, value) => (value?.trim() && field.wrong ? field.wrong(value.trim()) : "");

// What keeps a request from being started: {what, at}, where `at` is the field to go to.
export function firstWrong(options) {
  const field = FIELDS.find((each) => wrongOf(each, options[each.name]));
  if (field) return { what: `${field.label}: ${wrongOf(field, options[field.name])}`, at: `#option-${field.name}` };
  const rows = rowsOf(options.renditions);
  const row = rows.find((each) => wrongIn(each, rows).length);
  return row ? { what: `${row.name ? `The size ${row.name}` : "A size without a name"} is not complete. ${wrongIn(row, rows)[0].says}`, at: ".rendition [data-wrong]" } : null;
}

// The options as the service takes them: of what is wrong, nothing.
export function sendable(options) {
  const renditions = written(options.renditions);
  const wrong = new Set(FIELDS.filter((each) => wrongOf(each, options[each.name])).map((each) => each.name));
  const kept = Object.entries(options).filter(([name]) => name !== "renditions" && !wrong.has(name)).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value);
  return { ...Object.fromEntries(kept), ...(renditions ? { renditions } : {}) };
}

export function summaryOf(options) {
  const told = new Set(["quality", "format", "formats", "max_width", "max_height", "renditions"]);
  const sent = sendable(options);
  const format = sent.format ? `${sent.format === "auto" ? "smallest format" : `to ${sent.format}`}` : "keep format";
  const more = Object.keys(sent).filter((name) => !told.has(name)).length;
  return [`quality ${sent.quality || 50}`, format, sizeOf(options, sent), ...(more ? [`${more} more`] : []), ...(firstWrong(options) ? ["not complete yet"] : [])].join(" · ");
}

function sizeOf({ renditions }, sent) {
  if (isSet(renditions)) return `sizes of ${renditions}`;
  const sizes = rowsOf(renditions).length;
  if (sizes) return `${sizes} ${sizes === 1 ? "size" : "sizes"}`;
  return sent.max_width || sent.max_height ? `up to ${sent.max_width || "any"} × ${sent.max_height || "any"} px` : "any size";
}
