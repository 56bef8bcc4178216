// sharp over the same URLs: node sharp.mjs URLS FOLDER
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus } from "node:os";

const require = createRequire(`${process.cwd()}/`);
const sharp = require("sharp");
const [urlFile, folder] = process.argv.slice(2);
const urls = (await readFile(urlFile, "utf8")).split("\n").filter(Boolean);
const IN_FLIGHT = 16;
let next = 0;

sharp.concurrency(1); // a thread an image: more images at once
sharp.cache(false);
process.env.UV_THREADPOOL_SIZE ??= String(cpus().length * 2);

async function work() {
  while (next < urls.length) {
    const number = next++;
    const answer = await fetch(urls[number]);
    const source = Buffer.from(await answer.arrayBuffer());
    const made = await sharp(source).rotate().flatten({ background: "white" }).jpeg({ quality: 50 }).toBuffer();
    await writeFile(`${folder}/${number}.jpg`, made);
  }
}

await Promise.all(Array.from({ length: IN_FLIGHT }, work));
