// Why pictures fail, in one voice: what that means, and what to do.

const REASONS = {
  invalid_url: ["The URL cannot be fetched", "Write it from https:// on, without a port, a user or a password."],
  address_not_public: ["The address is not public", "Put the picture where everybody can reach it, or name its public address."],
  not_found: ["The shop has no such picture", "See if the URL opens in a browser. The picture may have been moved or deleted."],
  forbidden: ["The shop refuses access", "Allow the service in the shop’s firewall, or use a URL that needs no login."],
  forbidden_source: ["The bucket may not be read", "Ask whoever runs this service to list the bucket."],
  rate_limited: ["The shop asked to slow down", "Wait some minutes, then try them again."],
  origin_error: ["The shop answered with an error", "Try them again later. If it stays, ask whoever runs the shop."],
  too_many_redirects: ["The URL leads from one to the next", "Take the address that the picture has in the end."],
  timeout: ["The shop took too long", "Try them again later."],
  dns_failed: ["The host is not known", "Look for a typing mistake in the host’s name."],
  connection_failed: ["The connection failed", "Try them again later. The shop may be down."],
  tls_failed: ["The shop’s certificate is not valid", "Ask whoever runs the shop to renew it."],
  too_large: ["Too many bytes", "Make them smaller than 25 MiB first."],
  too_many_pixels: ["Too many pixels", "Make them smaller than 50 megapixels first."],
  not_an_image: ["This is not a picture", "Open the URL: it may be a page that shows the picture. Take the picture’s own address."],
  unsupported_format: ["The format is not supported", "Save them as JPEG, PNG, WebP or AVIF."],
  corrupt: ["The picture is damaged", "Upload it to the shop again."],
  gave_up: ["The picture could not be worked on", "Try them again. If it stays, the picture itself is the reason."],
  not_processed: ["The request was stopped before", "Go on with the rest, or try them again."],
};
const TOLD_MORE = new Set(["not_an_image", "unsupported_format"]); // the service's message says what there was instead

export const titleOf = (error) => REASONS[error?.code]?.[0] || error?.message || "failed";
export const adviceOf = (error) => REASONS[error.code]?.[1] || "Try them again.";

export function detailOf(error) { // what the service says beyond the title, in the page's words
  return TOLD_MORE.has(error.code) ? error.message.replace("the origin", "the shop").replace("an image", "a picture") : "";
}
