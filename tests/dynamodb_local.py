"""DynamoDB Local as DynamoDB is today, for tests that call it themselves."""

from collections.abc import Callable
from typing import Any

from tests.localstack.plugin.imagepress_localstack.empty_texts import EMPTY, replaced


class Younger:
    """A client of DynamoDB Local that takes empty texts as attributes."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            return replaced(EMPTY, "", getattr(self._dynamodb, name)(**replaced("", EMPTY, arguments)))

        return call
