"""Whose turn it is in the queues of the embedded engine."""

import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from infra.local.emulator import WINDOW, Turns, fair, windowed
from infra.simulate.deployment import event

NOW = 1000.0


def sent(group: str | None, *names: str, visible_at: float = NOW) -> list[dict[str, Any]]:
    return [{"id": name, "group_id": group, "visible_at": visible_at} for name in names]


def taken(turns: Turns, queue: list[dict[str, Any]], most: int) -> list[str]:
    """What is delivered, and gone from the queue."""
    messages = turns.take(queue, most, NOW)
    queue[:] = [message for message in queue if message not in messages]
    return [message["id"] for message in messages]


def test_a_small_group_does_not_wait_for_the_large_one_before_it() -> None:
    turns, queue = Turns(), sent("large", "l1", "l2", "l3", "l4", "l5", "l6")
    assert taken(turns, queue, 2) == ["l1", "l2"]
    queue += sent("small", "s1")
    assert taken(turns, queue, 2) == ["s1", "l3"]


def test_groups_take_turns() -> None:
    turns, queue = Turns(), [*sent("a", "a1", "a2", "a3"), *sent("b", "b1", "b2"), *sent("c", "c1")]
    assert [taken(turns, queue, 1) for _ in range(6)] == [["a1"], ["b1"], ["c1"], ["a2"], ["b2"], ["a3"]]


def test_what_is_not_visible_has_no_turn() -> None:
    assert taken(Turns(), [*sent("later", "l1", visible_at=NOW + 5), *sent("now", "n1")], 9) == ["n1"]


def test_messages_without_a_group_come_in_their_order() -> None:
    assert taken(Turns(), [*sent(None, "a", "b"), *sent("group", "g"), *sent(None, "c")], 9) == ["a", "b", "g", "c"]


def test_groups_that_are_done_with_are_forgotten() -> None:
    turns, queue = Turns(), [*sent("a", "a1"), *sent("b", "b1", "b2")]
    taken(turns, queue, 2)
    taken(turns, queue, 2)
    assert list(turns.served) == ["b"]


def test_a_fifo_queue_stays_one() -> None:
    queue = {"is_fifo": True, "messages": [*sent("a", "a1", "a2"), *sent("b", "b1")]}
    collect = fair(lambda queue, most, _visibility: queue["messages"][:most])
    assert [[message["id"] for message in collect(queue, 1, 30)] for _ in range(2)] == [["a1"], ["a1"]]
    fairly = {**queue, "is_fifo": False}
    assert [[message["id"] for message in collect(fairly, 1, 30)] for _ in range(2)] == [["a1"], ["b1"]]


@dataclass
class Stream:
    """Records that are written, and when each look was."""

    records: int = 0
    looks: list[float] = field(default_factory=list)
    looked: threading.Event = field(default_factory=threading.Event)

    def poll(self) -> bool:
        assert threading.current_thread() is not threading.main_thread()
        self.looks.append(time.monotonic())
        self.looked.set()
        return True


def test_a_window_ends_when_nothing_more_is_written() -> None:
    stream = Stream()
    begun = time.monotonic()
    assert windowed(stream.poll, lambda: stream.records, quiet=0.01)() is False
    stream.records = 3
    assert stream.looked.wait(10)
    assert stream.looks[0] - begun < WINDOW


def test_a_whole_window_is_that_of_the_template() -> None:
    assert event("TallyFunction", "Results")["MaximumBatchingWindowInSeconds"] == WINDOW


def test_while_there_is_more_all_the_time_a_window_is_whole() -> None:
    stream = Stream()

    def more() -> int:
        stream.records += 1
        return stream.records

    begun = time.monotonic()
    windowed(stream.poll, more, quiet=0.01)
    assert stream.looked.wait(10)
    assert stream.looks[0] - begun >= WINDOW


def test_a_look_that_fails_is_not_the_last() -> None:
    ended = threading.Event()
    failures = iter([ValueError, ValueError])
    numbers = itertools.count(step=2)

    def poll() -> bool:
        failure = next(failures, None)
        if failure:
            raise failure
        ended.set()
        return False

    windowed(poll, lambda: next(numbers) // 4, quiet=0.01)
    assert ended.wait(10)
