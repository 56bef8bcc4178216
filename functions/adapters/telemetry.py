"""Structured logs: one JSON line each, with the function's name and the request id, and without what is secret."""

import json
import re
from typing import Any

from aws_lambda_powertools import Logger

_SECRETS = (
    (re.compile(r"\?[\w.~%-]+=[^\s\"'<>\\)]*"), "?…"),  # queries of signed URLs
    (re.compile(r"(https?://)[^\s/\"'@\\]+@"), r"\1…@"),  # credentials in URLs
    (re.compile(r"whsec_[A-Za-z0-9+/=_-]+"), "whsec_…"),  # what webhooks are signed with
    (re.compile(r"(x-api-key\W{1,6})[^\s\"'\\,}]+", re.IGNORECASE), r"\1…"),
)


def redacted(text: str) -> str:
    """The text without queries of URLs, credentials, webhook secrets and API keys."""
    for secret, shown in _SECRETS:
        text = secret.sub(shown, text)
    return text


def _line(log: dict[str, Any]) -> str:
    """One line of JSON. JSON escapes line ends and control characters, so nobody can forge a line."""
    return redacted(json.dumps(log, default=str, ensure_ascii=True))


logger = Logger(service="imagepress", json_serializer=_line)
