// Whole cells of a CSV in which something is wrong: the service shows the part that is.

import { useEffect, useState } from "./ui.js";

const MOST_READ = 4_000_000; // bytes of the beginning
const MOST_SHOWN = 500; // characters of a cell
const LINES = 20; // that a cell may go on over

export function useCells(file, found, errors) { // the errors, with their `cell` once it is known
  const [known, setKnown] = useState({});
  useEffect(() => {
    let isWanted = true;
    const isText = found && !found.preview.sheet && !file.name.toLowerCase().endsWith(".gz");
    if (isText && errors.some((error) => error.value)) {
      withCells(file, found.preview, errors).then((whole) => isWanted && setKnown({ errors, whole }), () => {});
    }
    return () => { isWanted = false; };
  }, [file, found]);
  return known.errors === errors ? known.whole : errors;
}

async function withCells(file, preview, errors) {
  const bytes = await file.slice(0, MOST_READ).arrayBuffer();
  const lines = new TextDecoder(preview.encoding).decode(bytes).split(/\r\n|\r|\n/);
  return errors.map((error) => ({ ...error, cell: cellOf(lines, error, preview) }));
}

function cellOf(lines, { line, column, value, code }, { columns, delimiter }) {
  const part = value.replace(/…$/, ""); // what is shown may be cut
  if (!part || code !== "not_a_url") return "";
  const row = firstRow(lines.slice(line - 1, line - 1 + LINES).join("\n"), delimiter);
  const cell = [row[columns.indexOf(column)] || "", ...row].find((each) => each.includes(part)) || "";
  return cell.length > MOST_SHOWN ? `${cell.slice(0, MOST_SHOWN)}…` : cell;
}

function firstRow(text, delimiter) {
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^${delimiter}\\n]*))(${delimiter}|\\n|$)`, "y");
  const row = [];
  for (let found = cell.exec(text); found; found = cell.exec(text)) {
    row.push(found[1] === undefined ? found[2] : found[1].replaceAll('""', '"'));
    if (found[3] !== delimiter) break;
  }
  return row;
}
