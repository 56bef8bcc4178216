// How to mend what is wrong with a CSV, in a sentence each.

import { html, useState } from "./ui.js";

const MENDS = {
  empty_file: "Export it again: there is nothing in it.",
  not_a_csv: "Export the table as CSV, or send the workbook itself.",
  file_too_large: "Split it into files of up to 1 GB.",
  unknown_encoding: "Choose another encoding in the options.",
  undecodable: "Choose the file’s encoding in the options, or save it as UTF-8.",
  no_header: "Put the names of the columns in the first row.",
  missing_columns: "Say which column has the image URLs, or rename it to Images.",
  unknown_column: "Take a header as it stands in the file.",
  no_rows: "There is a header only: add the products below it.",
  unclosed_quote: "Close the quote, or write a quote inside a cell twice.",
  malformed_quote: "Write a quote inside a quoted cell twice.",
  too_many_cells: "Put cells with several URLs in double quotes.",
  cell_too_large: "Shorten the cell.",
  control_characters: "Delete the invisible characters in this cell.",
  too_many_urls: "Spread the URLs over more rows.",
  too_many_images: "Split the file.",
  too_many_rows: "Split the file.",
  bad_workbook: "Save it again without a password, as .xlsx or CSV.",
  workbook_too_large: "Save the sheet as CSV: those may be larger.",
  unknown_sheet: "Choose one of these sheets in the options.",
  not_fetched: "Open the address in a browser. It must lead everybody to the file itself.",
};

const NOT_A_URL = [ // by how the service's message begins
  ["white space", "Write %20 for each blank in the address. If these are several, begin each with https://."],
  ["a URL of more", "Take a shorter address of the picture."],
  ["a URL without a proper host", "Put the host’s name behind https://, such as https://shop.example/a.jpg."],
  ["", "Write the whole address, from https:// on."],
];

export function mendOf({ code, message }) {
  return code === "not_a_url" ? NOT_A_URL.find(([start]) => message.startsWith(start))[1] : MENDS[code] || "";
}

// A file without a column of URLs: its columns are there to choose from, or to name where they are too many.
export function ColumnChoice({ headers, change }) {
  const [column, setColumn] = useState("");
  const choose = (name) => change("url_columns", name.trim());
  const isWhole = !headers.endsWith("…");
  return html`<h2>Which column has the image URLs?</h2>
    ${isWhole && html`<p class="buttons">${headers.split(", ").map((name) => html`<button key=${name} type="button" class="secondary" onClick=${() => choose(name)}>${name}</button>`)}</p>`}
    ${!isWhole && html`<form class="inline" onSubmit=${(event) => { event.preventDefault(); choose(column); }}>
      <label class="field"><span class="label">Its header, as it stands in the file</span>
        <input required value=${column} onInput=${(event) => setColumn(event.target.value)} /></label>
      <button type="submit" class="secondary">Read it again</button></form>`}
    <p class="says">None has a name that is known, such as Images or Image Src.</p>`;
}
