// One picture by sharp: node sharp.mjs FORMAT QUALITY IN OUT
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/.bench/node/`);
const sharp = require("sharp");
const [format, quality, source, made] = process.argv.slice(2);
const picture = format === "jpeg" ? sharp(source).flatten({ background: "white" }) : sharp(source);
const options = { quality: Number(quality), ...(format === "png" ? { palette: true } : {}) };

sharp.concurrency(1);
await picture.toFormat(format, options).toFile(made);
