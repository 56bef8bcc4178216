"""DynamoDB Local as DynamoDB is today: the jar is of January 2020, four months before DynamoDB took empty texts.

An attribute that is an empty text is kept as a word for it. Nothing of ours compares or orders such attributes.
"""

from typing import Any

EMPTY = "<an empty text>"


def replaced(old: str, new: str, node: Any) -> Any:
    """A copy in which each attribute {"S": old} is {"S": new}."""
    match node:
        case {"S": str(text)} if text == old:
            return {"S": new}
        case dict():
            return {name: replaced(old, new, value) for name, value in node.items()}
        case list():
            return [replaced(old, new, value) for value in node]
        case _:
            return node
