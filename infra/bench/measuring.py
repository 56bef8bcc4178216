"""What a command costs: its time, its CPU and the most memory that it and its children had at one time."""

import os
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

LOOK = 0.1  # seconds between looks at the memory
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
MEBIBYTE = 1 << 20


@dataclass
class Cost:
    """`cpu` is in seconds, of all processes below `roots`, those that ended meanwhile as they were last seen."""

    roots: Sequence[int]
    seconds: float = 0.0
    cpu: float = 0.0
    peak_rss: int = 0
    _seen: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        """Add what is there now."""
        total = 0
        for pid in _tree(self.roots):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
            except (OSError, IndexError):
                continue  # it has just ended
            self._seen[pid] = (int(fields[11]) + int(fields[12])) / TICKS
        self.peak_rss = max(self.peak_rss, total)

    def used(self) -> float:
        """CPU seconds of everything that was ever seen."""
        return sum(self._seen.values())


def _tree(roots: Iterable[int]) -> Iterator[int]:
    for pid in roots:
        yield pid
        try:
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
            children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
        yield from _tree(children)


@contextmanager
def costing(roots: Sequence[int]) -> Iterator[Cost]:
    """What the processes and their children use meanwhile."""
    cost, stopped = Cost(roots), threading.Event()
    cost.look()
    before, began = cost.used(), time.monotonic()

    def watch() -> None:
        while not stopped.wait(LOOK):
            cost.look()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield cost
    finally:
        stopped.set()
        thread.join()
        cost.look()
        cost.seconds, cost.cpu = time.monotonic() - began, cost.used() - before


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end. Raises RuntimeError with what it said when it fails."""
    process = subprocess.Popen(
        command, env=os.environ | dict(environment or {}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said: list[str] = []
    reading = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
    reading.start()
    with costing([process.pid]) as cost:
        process.wait()
    reading.join()
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {''.join(said)[-2000:]}")
    return cost
