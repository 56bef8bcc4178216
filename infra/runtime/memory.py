"""A memory limit for a process and its children: a cgroup where one may be made, RLIMIT_DATA elsewhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

CGROUPS = Path("/sys/fs/cgroup")
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Limit:
    """How memory is limited. `folder` is the cgroup to join, None where `data_bytes` is to be set."""

    kind: str
    folder: Path | None = None
    data_bytes: int = 0


@contextmanager
def limited(megabytes: int) -> Iterator[Limit]:
    """A limit, for one process that joins it and all it starts. They have to have ended at the end."""
    for kind, parent, settings in (
        ("cgroup v2", CGROUPS, {"memory.max": megabytes * MEBIBYTE, "memory.swap.max": 0}),
        ("cgroup v1", CGROUPS / "memory", {"memory.limit_in_bytes": megabytes * MEBIBYTE}),
    ):
        folder = parent / f"imagepress-{os.getpid()}-{uuid4().hex[:8]}"
        try:
            folder.mkdir()
        except OSError:  # no such cgroups here, or not ours to make
            continue
        try:
            if _set(folder, settings):
                yield Limit(kind, folder)
                return
        finally:
            folder.rmdir()
    # the more exact limit of all memory, RLIMIT_AS, counts what is reserved and never used: libraries ask for gigabytes
    yield Limit("RLIMIT_DATA", data_bytes=megabytes * MEBIBYTE)


def _set(folder: Path, settings: dict[str, int]) -> bool:
    """Whether the cgroup takes the limit; the first one has to, swap may not be there."""
    first, *others = settings
    if not (folder / first).exists():
        return False  # a controller that is not delegated, or a plain folder
    (folder / first).write_text(str(settings[first]))
    for name in others:
        if (folder / name).exists():
            (folder / name).write_text(str(settings[name]))
    return True
