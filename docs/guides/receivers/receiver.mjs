// A receiver of Imagepress's webhooks. It needs Node 18 or later and no packages.
//
// WEBHOOK_SECRET=whsec_... PORT=9100 node receiver.mjs

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const SECRET = process.env.WEBHOOK_SECRET;
if (!SECRET) throw new Error("say WEBHOOK_SECRET=whsec_...");
const TOLERANCE = 300; // seconds that a webhook may be old
const seen = new Set(); // ids of webhooks; a real shop keeps them in its database

// Whether we share the secret with the sender, and the webhook is fresh.
function isSigned(headers, body) {
  const sentAt = headers["webhook-timestamp"] ?? "";
  if (!/^\d+$/.test(sentAt) || Math.abs(Date.now() / 1000 - Number(sentAt)) > TOLERANCE) return false;
  const signed = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${sentAt}.`), body]);
  const key = Buffer.from(SECRET.replace(/^whsec_/, ""), "base64");
  const right = Buffer.from("v1," + createHmac("sha256", key).update(signed).digest("base64"));
  const given = (headers["webhook-signature"] ?? "").split(" "); // two, for a day after a rotation
  return given.map((each) => Buffer.from(each)).some((each) => each.length === right.length && timingSafeEqual(each, right));
}

// What the shop does about an event. Keep it short, or put it into a queue.
function handle(event) {
  if (event.type === "processing.completed") {
    const made = event.processed_images - event.failed_images;
    console.log(`completed: ${made} of ${event.total_images} images, ${event.results_csv_url}`);
  } else {
    console.log(event.type);
  }
}

createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const body = Buffer.concat(pieces); // check the bytes as they came, then read them
  if (request.method !== "POST" || !isSigned(request.headers, body)) {
    console.log("refused (401): the signature does not fit WEBHOOK_SECRET");
    response.writeHead(401).end();
    return;
  }
  if (!seen.has(request.headers["webhook-id"])) {
    handle(JSON.parse(body));
    seen.add(request.headers["webhook-id"]);
  }
  response.writeHead(204).end();
}).listen(Number(process.env.PORT ?? 9100), "127.0.0.1");
