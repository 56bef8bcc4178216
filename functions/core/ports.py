"""What several functions need of the world. A function's own ports stand beside its service."""

from typing import Protocol, TypeVar

from functions.core.model import Request

Task_contra = TypeVar("Task_contra", contravariant=True)


class RequestFinder(Protocol):
    """Finds a request by its id. Raises StorageError."""

    def find(self, request_id: str) -> Request | None: ...


class Sender(Protocol[Task_contra]):
    """A queue that takes messages. Raises StorageError."""

    def send(self, task: Task_contra) -> None: ...
