"""DynamoDB Local as DynamoDB is today: it is of January 2020, four months before DynamoDB took empty texts.

An attribute that is an empty text is kept as a word for it. Nothing of ours compares or orders such attributes.
"""

from collections.abc import Callable
from typing import Any

EMPTY = "<an empty text>"


class Younger:
    """A client of DynamoDB Local that takes empty texts as attributes."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            return _with(EMPTY, "", getattr(self._dynamodb, name)(**_with("", EMPTY, arguments)))

        return call


def _with(old: str, new: str, node: Any) -> Any:
    """A copy in which each attribute {"S": old} is {"S": new}."""
    match node:
        case {"S": str(text)} if text == old:
            return {"S": new}
        case dict():
            return {name: _with(old, new, value) for name, value in node.items()}
        case list():
            return [_with(old, new, value) for value in node]
        case _:
            return node
