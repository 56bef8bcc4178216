"""How long one batch keeps the worker: downloads overlap, as many at a time as one origin is asked for."""

import heapq
from dataclasses import dataclass

FULL_CPU = 1_769  # MB that come with one vCPU
IMAGE_CPU = 0.025  # seconds of a core an image, as docs/operations.md prices them
ORIGIN_SECONDS = 1.0
STORE_SECONDS = 0.05  # until a picture and its result are written: two calls, mostly waiting
START_SECONDS = 0.02  # until the first download begins: the request is read


@dataclass(frozen=True, slots=True)
class Work:
    """What an image needs: CPU of a whole core in seconds, its download, and how images come.

    All images of a batch are of one origin: a CSV mostly names one shop's.
    """

    cpu: float
    origin_seconds: float = 1.0
    batch: int = 25
    connections: int = 25


def batch_seconds(memory: int, work: Work) -> float:
    """From the first to the last of a batch; an image waits for a connection, its origin, and its share of CPU."""
    share = memory / FULL_CPU
    cores = max(1, -(-memory // FULL_CPU))
    free_connections = [START_SECONDS] * min(work.connections, work.batch)
    free_cores = [0.0] * cores
    end = 0.0
    for _ in range(work.batch):
        arrived = heapq.heappop(free_connections) + work.origin_seconds
        heapq.heappush(free_connections, arrived)
        done = max(arrived, heapq.heappop(free_cores)) + work.cpu * cores / share
        heapq.heappush(free_cores, done)
        end = max(end, done)
    return end + STORE_SECONDS


def gb_seconds(memory: int, work: Work) -> float:
    """That an image is charged for."""
    return batch_seconds(memory, work) * memory / 1_024 / work.batch
