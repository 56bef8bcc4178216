"""A small request does not wait for the large one that was sent before it."""

from infra.local.stack import LocalStack
from tests.system.client import ended, eventually, started
from tests.system.messages import left_over, paused
from tests.system.shop import Order, opened_shop
from tests.system.targets import ONLY_FAIR

LARGE, SMALL = range(100), range(100, 105)
BATCHES = 4 * 10  # images; the first two of either worker


@ONLY_FAIR
def test_a_small_request_has_its_turn_among_the_images_of_a_large_one(stack: LocalStack) -> None:
    with opened_shop() as shop:
        with paused(stack, "compress"):
            large = queued(stack, Order.of(shop, LARGE), len(LARGE))
            small = queued(stack, Order.of(shop, SMALL), len(LARGE) + len(SMALL))
        for request_id in (large, small):
            ended(stack.url, request_id)
        asked_for = list(shop.attempts)  # in the order of the first attempts
    assert set(SMALL) <= set(asked_for[:BATCHES]), f"pictures were asked for in this order: {asked_for}"


def queued(stack: LocalStack, order: Order, together: int) -> str:
    """A request of which every image has its message; so many there are then in CompressQueue."""
    request_id = started(stack.url, order.csv)

    def look() -> bool | None:
        return sum(left_over(stack, ("CompressQueue",)).values()) >= together or None

    eventually(look, f"{request_id} to be planned and sent")
    return request_id
