"""Whose turn it is in the queues of the embedded engine."""

from typing import Any

from infra.local.fair_engine import fair, fairest

NOW = 1000.0


def sent(group: str | None, *names: str, **fields: Any) -> list[dict[str, Any]]:
    return [{"id": name, "group_id": group, "visible_at": NOW - 1, **fields} for name in names]


def in_flight(group: str, *names: str) -> list[dict[str, Any]]:
    return sent(group, *names, visible_at=NOW + 30, receive_count=1)


def ids(messages: list[dict[str, Any]]) -> list[str]:
    return [message["id"] for message in messages]


def test_a_small_group_does_not_wait_for_the_large_one_before_it() -> None:
    queue = [*sent("large", "l1", "l2", "l3", "l4"), *sent("small", "s1", "s2")]
    assert ids(fairest(queue, 4, NOW)) == ["l1", "s1", "l2", "s2"]


def test_who_has_less_in_flight_comes_first() -> None:
    queue = [*in_flight("large", "l1", "l2"), *sent("large", "l3", "l4"), *sent("small", "s1", "s2", "s3")]
    assert ids(fairest(queue, 4, NOW)) == ["s1", "s2", "l3", "s3"]


def test_what_waits_for_its_first_delivery_is_not_in_flight() -> None:
    queue = [*sent("delayed", "d1", visible_at=NOW + 5, receive_count=0), *sent("delayed", "d2"), *sent("other", "o1")]
    assert ids(fairest(queue, 9, NOW)) == ["d2", "o1"]


def test_messages_without_a_group_come_in_their_order() -> None:
    assert ids(fairest([*sent(None, "a", "b"), *sent("group", "g"), *sent(None, "c")], 9, NOW)) == ["a", "b", "g", "c"]


def test_no_more_is_taken_than_was_asked_for() -> None:
    assert ids(fairest(sent("group", "a", "b", "c"), 2, NOW)) == ["a", "b"]


def test_a_fifo_queue_stays_one() -> None:
    queue = {"is_fifo": True, "messages": [*sent("a", "a1", "a2"), *sent("b", "b1")]}
    collect = fair(lambda queue, most, _visibility: queue["messages"][:most])
    assert ids(collect(queue, 2, 30)) == ["a1", "a2"]
    assert ids(collect({**queue, "is_fifo": False}, 2, 30)) == ["a1", "b1"]
