"""ministack, with standard queues that are fair by MessageGroupId, as those of SQS are.

It delivers in the order in which messages were sent, so that a small request would wait for every large one before it.
This is a command of its own, which knows nothing of the project: `python -P fair_engine.py`.
"""

import heapq
import importlib
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any

Message = dict[str, Any]
Queue = dict[str, Any]
Collect = Callable[[Queue, int, int], list[Message]]


def fairest(messages: Sequence[Message], most: int, now: float) -> list[Message]:
    """Up to `most` visible messages: each time the oldest of the group that has the fewest in flight.

    So SQS serves groups that are noisy; with the few messages that are in flight here, all of them may be. A message
    without a group is one by itself.
    """
    in_flight: Counter[object] = Counter()
    waiting: defaultdict[object, deque[Message]] = defaultdict(deque)
    for message in messages:
        group = message.get("group_id") or id(message)
        if message.get("visible_at", now) <= now:
            waiting[group].append(message)
        elif message.get("receive_count"):
            in_flight[group] += 1
    turns = [(in_flight[group], age, group) for age, group in enumerate(waiting)]
    heapq.heapify(turns)
    chosen: list[Message] = []
    while turns and len(chosen) < most:
        count, age, group = heapq.heappop(turns)
        chosen.append(waiting[group].popleft())
        if waiting[group]:
            heapq.heappush(turns, (count + 1, age, group))
    return chosen


def fair(collect: Collect) -> Collect:
    """The engine's way to receive messages, which takes the first visible ones, over the fairest of them."""

    def collect_fairly(queue: Queue, most: int, visibility: int) -> list[Message]:
        if queue["is_fifo"]:
            return collect(queue, most, visibility)
        return collect({**queue, "messages": fairest(queue["messages"], most, time.time())}, most, visibility)

    return collect_fairly


def main() -> None:
    """Run the engine."""
    sqs: Any = importlib.import_module("ministack.services.sqs")
    sqs._collect_msgs = fair(sqs._collect_msgs)  # both ReceiveMessage and the event source mappings go through it
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    main()
