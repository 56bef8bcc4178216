"""The memory of the engine and its workers, at the most."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

EVERY = 1.0  # seconds
SESSION = 3  # the field of /proc/<pid>/stat after the name in brackets: the engine leads a session of its own
MEGABYTE = 1_000  # of the kB that /proc counts in


@dataclass
class Peak:
    """In MB, shared pages counted once; None where there is no /proc."""

    session: int
    megabytes: float | None = None

    def look(self) -> None:
        total = sum(self._kilobytes(folder) for folder in Path("/proc").glob("[0-9]*"))
        if total:
            self.megabytes = max(self.megabytes or 0, total / MEGABYTE)

    def _kilobytes(self, process: Path) -> int:
        with suppress(OSError, IndexError, ValueError):  # it may have ended by now
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            if int(fields[SESSION]) == self.session:
                lines = (process / "smaps_rollup").read_text().splitlines()
                return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return 0


@contextmanager
def peak_memory(session: int) -> Iterator[Peak]:
    peak, stopped = Peak(session), threading.Event()

    def run() -> None:
        while not stopped.wait(EVERY):
            peak.look()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stopped.set()
        thread.join()
