// A request as it goes on: its counts once a second, and its images page by page, of which only those looked at.

import { call, paused } from "./api.js";
import { isRunning } from "./words.js";

const PER_PAGE = 60; // products
const TICK_MS = 1000;
const PAUSE_MS = 5000; // after a call that failed
const RATE_SECONDS = 15; // over which the speed is taken
export const MAX_GATHERED = 5000; // images that figures are made of when it has ended

const isSettled = (page) => page.images?.every((image) => !isRunning(image.status)) ?? false;

export class Feed {
  constructor(id, changed) {
    Object.assign(this, { id, changed, status: null, error: null, pages: [newPage(null, 0)], isGathered: false });
    this.seen = new Set(); // pages on the screen
    this.marks = []; // [seconds, images done]
    this.isStopped = false;
    this.gathers = null;
  }

  async run() {
    while (!this.isStopped) {
      const wait = await this.step();
      if (wait === null) return;
      await paused(wait);
    }
  }

  stop() { this.isStopped = true; }

  async step() { // milliseconds until the next one; null when there is nothing to wait for
    try {
      await this.look(this.wanted());
      this.error = null;
    } catch (error) {
      this.error = error;
      this.changed();
      return error.isFinal ? null : PAUSE_MS;
    }
    if (isRunning(this.status.status)) return TICK_MS;
    await this.gather();
    return this.error ? PAUSE_MS : null;
  }

  wanted() { // what is on the screen and not done, else the counts alone
    const open = [...this.seen].filter((page) => !isSettled(page)).sort((one, other) => one.looked - other.looked);
    return open[0] || (this.pages[0].images?.length ? null : this.pages[0]);
  }

  async look(page) {
    const query = page ? `limit=${PER_PAGE}${page.token ? `&next_token=${encodeURIComponent(page.token)}` : ""}` : "limit=1";
    const held = page || this;
    const headers = held.etag ? { "If-None-Match": held.etag } : {};
    const answer = await call(`/status/${this.id}?${query}`, { headers });
    if (page) page.looked = performance.now();
    if (this.isStopped || answer.status === 304) return;
    const found = await answer.json();
    held.etag = answer.headers.get("ETag");
    if (page) this.fill(page, found);
    this.note(found);
    this.changed();
  }

  fill(page, found) {
    page.images = found.images;
    page.products = found.products;
    if (found.next_token && page === this.pages.at(-1)) this.pages.push(newPage(found.next_token, this.pages.length));
  }

  note({ images, products, ...status }) {
    this.status = status;
    const now = performance.now() / 1000;
    this.marks.push([now, status.processed_images]);
    while (this.marks.length > 2 && this.marks[0][0] < now - RATE_SECONDS) this.marks.shift();
  }

  get rate() { // pictures a second
    const [first, last] = [this.marks[0], this.marks.at(-1)];
    return last && last[0] > first[0] ? (last[1] - first[1]) / (last[0] - first[0]) : 0;
  }

  get images() { return this.pages.flatMap((page) => page.images || []); }

  see(page, isSeen) {
    this.seen[isSeen ? "add" : "delete"](page);
    const isIdle = this.status && !isRunning(this.status.status);
    if (isSeen && !page.images && (isIdle || page.index)) this.look(page).catch(() => {}); // the next tick tries again
  }

  async gather() { // every image, once it has ended: for the figures, and for what failed
    const until = () => this.images.length >= MAX_GATHERED;
    for (let index = 0; index < this.pages.length && !this.isStopped && !until(); index += 1) {
      const page = this.pages[index];
      if (isSettled(page) && page.images.length) continue;
      try { await this.look(page); } catch (error) { this.error = error; this.changed(); return; }
    }
    this.isGathered = true;
    this.changed();
  }
}

const newPage = (token, index) => ({ token, index, images: null, looked: 0 });
