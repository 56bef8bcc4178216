"""How many pieces a file may consist of: each costs a decoder some time and memory, however little it says."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

MAX_PARTS = 50_000  # segments, chunks, blocks, strips: as many rows as 50 megapixels have, and far more than is usual

Part = TypeVar("Part")


def limited(parts: Iterable[Part]) -> Iterator[Part]:
    """The same parts. Raises ValueError after MAX_PARTS of them."""
    for n, part in enumerate(parts):
        if n == MAX_PARTS:
            raise ValueError(f"more than {MAX_PARTS} parts")
        yield part
