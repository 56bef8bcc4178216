"""EventBridge: what other systems of the account are told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from functions.adapters.aws.clients import client, translated
from functions.core.errors import StorageError

SOURCE = "imagepress"


@dataclass(frozen=True, slots=True)
class EventBus:
    """The default bus of the account."""

    events: Any

    @classmethod
    def connect(cls) -> Self:
        return cls(client("events"))

    def put(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Tell of one event. Raises StorageError, also when the call went through but its entry did not."""
        entry = {"Source": SOURCE, "DetailType": detail_type, "Detail": json.dumps(detail)}
        with translated("PutEvents"):
            answer = self.events.put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise StorageError(f"PutEvents: {answer['Entries'][0].get('ErrorCode')}")
