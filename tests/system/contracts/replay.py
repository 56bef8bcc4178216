"""Replays the documented calls of an older service: a table of cases, each a call and the shape of its answer."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.system.client import TIMEOUT

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Case:
    """A call and what its answer must be. `{name}` in the path is filled in from the request at hand.

    `answers` is a shape: a type, a pattern, a value, a predicate, a list of one shape, or a dict of those.
    """

    says: str
    method: str
    path: str
    status: int
    answers: Any = None
    sends: Mapping[str, Any] = field(default_factory=dict)
    content_type: str = "application/json"

    def check(self, base_url: str, known: Mapping[str, str]) -> None:
        """Make the call. Fails with all that does not fit."""
        url = base_url + self.path.format(**known)
        answer = requests.request(self.method, url, timeout=TIMEOUT, allow_redirects=False, **self.sends)
        assert answer.status_code == self.status, f"{self.says}: {answer.status_code} {answer.text[:500]}"
        assert answer.headers["Content-Type"].startswith(self.content_type), answer.headers
        if self.answers is not None:
            body = answer.json() if "json" in self.content_type else answer.text
            misfits = list(misfits_of(self.answers, body, "answer"))
            assert not misfits, f"{self.says}: {'; '.join(misfits)} in {json.dumps(body)[:2000]}"


def either(*shapes: Any) -> Callable[[Any], bool]:
    """Fits what one of the shapes fits."""
    return lambda value: any(not list(misfits_of(shape, value, "")) for shape in shapes)


def misfits_of(shape: Any, value: Any, where: str) -> Iterator[str]:
    """Where the value does not have the shape; more members than the shape has are fine."""
    match shape:
        case dict():
            for name, inner in shape.items():
                is_there = isinstance(value, dict) and name in value
                yield from misfits_of(inner, value[name], f"{where}.{name}") if is_there else [f"no {where}.{name}"]
        case [inner]:
            members = value if isinstance(value, list) else []
            for index, member in enumerate(members):
                yield from misfits_of(inner, member, f"{where}[{index}]")
            if not members:
                yield f"{where} is no list of anything"
        case _ if not _fits(shape, value):
            yield f"{where} is {value!r}"


def _fits(shape: Any, value: Any) -> bool:
    match shape:
        case re.Pattern():
            return isinstance(value, str) and shape.fullmatch(value) is not None
        case type():
            return isinstance(value, shape) and not (shape is int and isinstance(value, bool))
        case _ if callable(shape):
            return bool(shape(value))
        case _:
            return bool(value == shape)


def csv_file(text: str, name: str = "products.csv") -> dict[str, Any]:
    """The arguments that post a CSV as `file`."""
    return {"files": {"file": (name, text)}}
