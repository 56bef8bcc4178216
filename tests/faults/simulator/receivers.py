"""Those who listen for webhooks: some answers of theirs are errors, or are lost after they committed."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.core.webhooks.posted import Posted
from functions.notify.ports import Poster
from tests.fakes import Post
from tests.faults.simulator.faults import Faults, Kind

OK, BROKEN, LATE = Posted(200, None, 5), Posted(500, None, 5), Posted(None, "timeout", 20_000)


@dataclass
class Receivers:
    """`answers` by URL come first, one after another; then those that the seed decides."""

    faults: Faults
    answers: dict[str, list[Posted]] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    heard: Callable[[Mapping[str, Any]], object] = lambda _body: None

    @property
    def ids(self) -> Mapping[tuple[str, str, str], set[str]]:
        """The webhook-ids by receiver, event and request."""
        found: dict[tuple[str, str, str], set[str]] = {}
        for post in self.posts:
            told = json.loads(post.body)
            found.setdefault((post.url, told["type"], told["request_id"]), set()).add(post.headers["webhook-id"])
        return found

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        self.posts.append(Post(url, body, dict(headers)))
        self.heard(json.loads(body))
        if self.answers.get(url):
            return self.answers[url].pop(0)
        if self.faults.happens(Kind.RECEIVER, url, share=3):
            return BROKEN if len(self.posts) % 2 else LATE
        return OK

    def webhook_ids(self, url: str) -> set[str]:
        return {post.headers["webhook-id"] for post in self.posts if post.url == url}


@dataclass(frozen=True)
class Rerouted:
    """Some of the URLs that are posted to lead elsewhere, by a real way out; all others to the receivers."""

    receivers: Receivers
    poster: Poster
    urls: Mapping[str, str]

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        if url not in self.urls:
            return self.receivers.post(url, body, headers)
        self.receivers.posts.append(Post(url, body, dict(headers)))
        return self.poster.post(self.urls[url], body, dict(headers))
