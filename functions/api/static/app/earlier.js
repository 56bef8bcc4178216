// Whether a file of this name and size has been run already: then its earlier results save time.

import { read } from "./api.js";
import { Note, html, useLoaded } from "./ui.js";
import { time } from "./words.js";

const LOOKED_AT = 20; // the latest requests

export function RanBefore({ name, images, change }) {
  const { value } = useLoaded(() => read(`/requests?limit=${LOOKED_AT}`, { isOptional: true }), "");
  const completed = value?.requests.filter((request) => request.status === "completed" && !request.dry_run) || [];
  const same = completed.find((request) => request.file_name === name && request.total_images === images);
  if (!same) return null;
  return html`<${Note}>A file of this name, with as many images, ran on ${time(same.created_at)}. Choose Earlier results → <button type="button" class="link" onClick=${() => change("reuse", "latest")}>take what is unchanged</button> to save time.<//>`;
}
