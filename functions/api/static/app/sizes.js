// The sizes and shapes that are asked for, as rows: what each means to the service, and what is wrong with one.

export const MOST = 8; // of a request
export const FITS = [["max", "inside the box"], ["cover", "cut to fill it"], ["pad", "on a canvas"]];
const MOST_PIXELS = 16383; // of an edge
const MOST_CANVAS = 25e6; // pixels of a canvas, which may be larger than the picture
const NAME = /^[a-z0-9][a-z0-9_-]{0,30}$/;

let made = 0;
export const newRow = (row) => { made += 1; return { name: "", width: "", height: "", fit: "max", format: "", ...row, id: made }; };

// `renditions` among the options: rows, or the name of a set that the deployment has.
export const isSet = (renditions) => typeof renditions === "string" && renditions !== "";
export const rowsOf = (renditions) => (Array.isArray(renditions) ? renditions : []);

export const nameOf = (row) => row.name.trim().toLowerCase(); // as the service takes it
const text = (row) => `${nameOf(row)}=${[`${row.width}x${row.height}`, row.fit === "max" ? "" : row.fit, row.fit === "pad" ? "white" : "", row.format].filter(Boolean).join(",")}`;
const isWhole = (row, _, rows) => !wrongIn(row, rows).length;

export function written(renditions) { // as the service takes it; rows that are not whole are not in it
  return isSet(renditions) ? renditions : rowsOf(renditions).filter(isWhole).map(text).join("; ");
}

export function wrongIn(row, rows) { // [{field, says}]
  return [...wrongName(row, rows), ...wrongEdges(row)];
}

function wrongName(given, rows) {
  const name = nameOf(given);
  const wrong = (says) => [{ field: "name", says }];
  if (!name) return wrong("Give this size a name of letters, digits, - and _.");
  if (/^[-_]/.test(name)) return wrong("Begin the name with a letter or a digit.");
  if (!/^[a-z0-9_-]+$/.test(name)) return wrong("Give this size a name of letters (a to z), digits, - and _ alone.");
  if (!NAME.test(name)) return wrong("Give this size a name of up to 31 characters.");
  return rows.some((row) => row.id !== given.id && nameOf(row) === name) ? wrong("Another size has this name: give this one its own.") : [];
}

function wrongEdges({ width, height, fit }) {
  const bad = Object.entries({ width, height }).filter(([, value]) => value && !isEdge(value));
  if (bad.length) return [{ field: bad[0][0], says: `Write whole pixels from 1 to ${MOST_PIXELS.toLocaleString("en")}, without a unit.` }];
  if (!width && !height) return [{ field: "width", says: "Say a width, a height or both." }];
  const isHuge = fit === "pad" && (width || height) * (height || width) > MOST_CANVAS;
  return isHuge ? [{ field: "width", says: "Take a smaller canvas: it may have 25 million pixels." }] : [];
}

const isEdge = (value) => /^[0-9]{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= MOST_PIXELS;
