"""A receiver of Imagepress's webhooks. It needs Python 3.9 or later and no packages.

WEBHOOK_SECRET=whsec_... PORT=9100 python3 receiver.py
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ.get("WEBHOOK_SECRET") or sys.exit("say WEBHOOK_SECRET=whsec_...")
TOLERANCE = 300  # seconds that a webhook may be old
seen = set()  # ids of webhooks; a real shop keeps them in its database


def is_signed(headers, body):
    """Whether we share the secret with the sender, and the webhook is fresh."""
    sent_at = headers.get("webhook-timestamp", "")
    if not sent_at.isdigit() or abs(time.time() - int(sent_at)) > TOLERANCE:
        return False
    signed = f"{headers.get('webhook-id')}.{sent_at}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers.get("webhook-signature", "").split()  # two, for a day after a rotation
    return any(hmac.compare_digest(right.encode(), each.encode()) for each in given)


def handle(event):
    """What the shop does about an event. Keep it short, or put it into a queue."""
    if event["type"] == "processing.completed":
        made = event["processed_images"] - event["failed_images"]
        print(f"completed: {made} of {event['total_images']} images, {event['results_csv_url']}", flush=True)
    else:
        print(event["type"], flush=True)


class Handler(BaseHTTPRequestHandler):
    """Answers each POST: 401 without a right signature, else 204."""

    def do_POST(self):
        """Check the bytes as they came, then read them."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not is_signed(self.headers, body):
            print("refused (401): the signature does not fit WEBHOOK_SECRET", flush=True)
            self.answer(401)
            return
        if self.headers["webhook-id"] not in seen:
            handle(json.loads(body))
            seen.add(self.headers["webhook-id"])
        self.answer(204)

    def answer(self, status):
        """A status, and no body."""
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """The terminal is for the events."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9100"))), Handler).serve_forever()
