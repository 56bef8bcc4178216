"""A request with a large backlog does not make others wait, by the rules of SQS and of the embedded engine."""

from collections import Counter

from infra.simulate.fairness import BatchTurns, Fair, Order
from infra.simulate.flow import Group

PER_STEP = 1_000


def waiting(images: int, sent: float = 0.0) -> Group:
    group = Group(sent, images)
    group.send(images, sent)
    return group


def step(order: Order, now: float, groups: list[Group], most: float = PER_STEP) -> dict[int, int]:
    """What each group is given; all that was in flight has ended before."""
    for group in groups:
        group.in_flight = 0.0
    given: Counter[int] = Counter()
    for group, count in order.give(most, 0.0, now):
        given[group.images] += round(count)
    return dict(+given)


def test_a_backlog_of_one_request_does_not_delay_another_one() -> None:
    order, large, small = Fair(), waiting(1_000_000), waiting(100, sent=5.0)
    order.join(large)
    for now in range(5):
        step(order, now, [large])
    order.join(small)
    assert step(order, 5.0, [large, small]) == {100: 100, 1_000_000: 900}


def test_a_single_request_has_all_workers() -> None:
    order, large = Fair(), waiting(1_000_000)
    order.join(large)
    assert step(order, 0.0, [large]) == {1_000_000: PER_STEP}


def test_requests_with_a_backlog_share_alike() -> None:
    order, groups = Fair(), [waiting(1_000_000 + n) for n in range(4)]
    for group in groups:
        order.join(group)
    step(order, 0.0, groups)
    assert step(order, 1.0, groups) == {group.images: 250 for group in groups}


def test_a_backlog_is_quiet_again_once_nothing_was_sent_for_five_minutes() -> None:
    """As AWS writes; so a small request waits behind more than ten backlogs of which each has less than a tenth."""
    order, groups = Fair(), [waiting(1_000_000 + n) for n in range(20)]
    for group in groups:
        order.join(group)
    small = waiting(100, sent=301.0)
    order.join(small)
    assert 100 not in step(order, 301.0, [*groups, small])


def test_while_images_are_still_sent_twenty_backlogs_do_not_delay_a_small_request() -> None:
    order, groups = Fair(), [waiting(1_000_000 + n) for n in range(20)]
    for group in groups:
        order.join(group)
    for now in range(301):
        for group in groups:
            group.send(1.0, now)
        step(order, now, groups)
    small = waiting(100, sent=301.0)
    order.join(small)
    assert step(order, 301.0, [*groups, small])[100] == 100


def test_the_embedded_engine_gives_a_batch_to_each_request_in_turn() -> None:
    order, groups = BatchTurns(10), [waiting(490), waiting(491)]
    for group in groups:
        order.join(group)
    assert [step(order, now, groups, most=10) for now in range(4)] == [{491: 10}, {490: 10}, {491: 10}, {490: 10}]


def test_the_embedded_engine_takes_a_new_request_first() -> None:
    order, large, small = BatchTurns(10), waiting(490), waiting(10)
    order.join(large)
    step(order, 0.0, [large], most=10)
    order.join(small)
    assert step(order, 1.0, [large, small], most=10) == {10: 10}
