"""`make load`: 5,000 images of 20 requests by 3 owners at once, with duplicates, through the embedded stack."""

import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.stack import LocalStack, local_stack
from tests.load.again import Again, doubling
from tests.load.memory import Peak, peak_memory
from tests.load.traffic import LARGE, LARGE_IMAGES, PATIENCE, SMALL, SMALL_IMAGES, Traffic
from tests.load.verdict import problems, table
from tests.system.messages import emptied
from tests.system.receiver import Receiver, receiving
from tests.system.shop import Shop, opened_shop


def main() -> int:
    """1 if anything is wrong."""
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)  # nothing is left running, and nothing on the disk
    began = time.monotonic()
    with (
        TemporaryDirectory(prefix="imagepress-load-") as folder,
        opened_shop() as shop,
        receiving() as receiver,
        local_stack(Path(folder), 0, {"RequireKeys": "true"}) as stack,
    ):
        try:
            wrong = loaded(stack, shop, receiver)
        except KeyboardInterrupt:
            wrong = ["it was interrupted"]
    say(f"\n{time.monotonic() - began:.0f} s in all, with start, checks and stop")
    for problem in wrong:
        say(f"WRONG: {problem}")
    return int(bool(wrong))


def loaded(stack: LocalStack, shop: Shop, receiver: Receiver) -> list[str]:
    """What is wrong after everything has ended, and been told of once more."""
    traffic = Traffic.between(stack, shop, receiver)
    with peak_memory(stack.engine.process.pid) as peak, doubling(stack) as again:
        began = time.monotonic()
        traffic.send(LARGE, LARGE_IMAGES, is_small=False)
        traffic.wait_until_queued()
        say(f"{LARGE} large requests are queued after {time.monotonic() - began:.0f} s; now {SMALL} small ones")
        traffic.send(SMALL, SMALL_IMAGES, is_small=True)
        traffic.wait_until_ended()
        seconds = time.monotonic() - began
    traffic.repeat_notifications()
    emptied(stack, timeout=PATIENCE)
    report(traffic, again, peak, seconds)
    return problems(traffic, receiver.all())


def report(traffic: Traffic, again: Again, peak: Peak, seconds: float) -> None:
    images = sum(len(each.order.numbers) for each in traffic.placed)
    say("\n".join(["", *table(traffic.placed), ""]))
    say(f"{images:,} images in {seconds:.0f} s, {images / seconds:.0f} a second")
    say(f"delivered again: {again.doubled:,} images, {traffic.repeated} S3 notifications")
    say(f"pictures fetched again: {traffic.shop.attempts.total() - images:,}")
    say(f"memory of the engine and its workers, at the most: {peak.megabytes or float('nan'):,.0f} MB")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
