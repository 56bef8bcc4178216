"""What the model found, for people: as text, as the tables of docs/operations.md, as the figures that are drawn."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from infra.cost.bill import idle_month, kept_a_month
from infra.cost.measuring import BYTES
from infra.cost.prices import MILLION, Prices
from infra.simulate.ceilings import ceilings
from infra.simulate.demand import BEFORE
from infra.simulate.limits import TEMPLATE
from infra.simulate.search import PATIENCE, Outcome, Plan

MINUTE, HOUR = 60, 3_600
DAYS_A_MONTH = 30


def changes(each: Plan) -> Iterator[str]:
    """What was raised, each with its new value."""
    before, after = each.default.deployment, each.found.deployment
    if after.workers != before.workers:
        yield f"`CompressConcurrency` {after.workers:,}"
    if after.work.connections != before.work.connections:
        yield f"`OriginConnections` {after.work.connections}"
    if after.warm_writes != before.warm_writes:
        yield f"`WarmWrites` {after.warm_writes:,}"
    if after.ingests != before.ingests:
        yield f"{after.ingests} CSVs at a time"
    if after.account != before.account:
        yield f"{after.account:,} functions of the account"
    if after.bucket_puts != before.bucket_puts:
        yield f"`images/` split for {after.bucket_puts:,} PUTs"


def defaults_table(plans: Sequence[Plan]) -> Iterator[str]:
    """Rows in Markdown: a day with the defaults of the template."""
    yield "| Images a day | In the burst | 100 images | Largest request | Most that wait | Burst done | First limit |"
    yield "|---|---|---|---|---|---|---|"
    for each in plans:
        of = each.default
        first = "none" if of.is_digested else f"{of.met[0].name}: {of.met[0].moved_by}"
        yield _row(*_day(of), first)


def found_table(plans: Sequence[Plan], prices: Prices) -> Iterator[str]:
    """Rows in Markdown: the same days with what the model raised."""
    yield "| Images a day | Raised | 100 images | Largest request | Most that wait | Burst done | Dollars a day |"
    yield "|---|---|---|---|---|---|---|"
    for each in plans:
        of = each.found
        raised = ", ".join(changes(each)) or "nothing"
        stacks = f"{of.stacks} stacks, each: " if of.stacks > 1 else ""
        day, _, *rest = _day(of)
        yield _row(day, stacks + raised, *rest, f"{of.dollars_a_day(prices):,.2f}")


def limits_table(plans: Sequence[Plan]) -> Iterator[str]:
    """Rows in Markdown: each limit with the defaults, the tightest first."""
    deployment, demand = plans[0].default.deployment, plans[-1].default.demand
    yield "| Limit | Its number | Images a second | What moves it | Where it is stated |"
    yield "|---|---|---|---|---|"
    for limit, pace in sorted(ceilings(deployment, demand).items(), key=lambda each: each[1]):
        number = limit.number.format(of=deployment)
        yield _row(
            limit.name, number, f"{pace:,.0f}", limit.moved_by, limit.document.replace(TEMPLATE, f"`{TEMPLATE}`")
        )


def _day(of: Outcome) -> tuple[str, ...]:
    median, most = of.small_seconds
    return (
        f"{of.demand.images_a_day * of.stacks / MILLION:,g} million",
        f"{of.demand.peak * of.stacks:,.0f}/s",
        told(median) if told(median) == told(most) else f"{told(median)}; {told(most)}",
        f"{of.large_size:,}: {told(of.large_seconds)}",
        count(of.most_waiting),
        told(of.counted_after),
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def told(seconds: float) -> str:
    """A time as people say it."""
    if math.isinf(seconds):
        return f"over {PATIENCE / HOUR:.0f} h"
    if seconds < 2 * MINUTE:
        return f"{max(0.0, seconds):.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"


def count(images: float) -> str:
    """To a few digits."""
    if images >= MILLION:
        return f"{images / MILLION:,.1f} million"
    return f"{images / 1_000:,.0f} thousand" if images >= 1_000 else f"{images:.0f}"  # noqa: PLR2004 - a thousand


def text(plans: Sequence[Plan], prices: Prices) -> Iterator[str]:
    """Everything, as plain lines."""
    of = plans[0].default.deployment
    yield f"{of.workers} workers with the defaults: {of.images_a_second:,.0f} images a second."
    yield f"A batch of {of.batch} takes {of.batch_seconds:.2f} s."
    for each in plans:
        yield ""
        yield from _told(each, prices)
    kept = ", ".join(f"{name} {dollars:.2f}" for name, dollars in kept_a_month(prices, BYTES).items())
    yield ""
    yield f"Dollars beside it, a month: a million images kept: {kept}; an idle stack {idle_month(prices):.2f}."


def _told(each: Plan, prices: Prices) -> Iterator[str]:
    demand = each.default.demand
    yield f"{demand.images_a_day / MILLION:,g} million images a day, {demand.peak:,.0f} a second in the burst"
    for name, of in (("defaults", each.default), ("raised", each.found)):
        _, _, small, large, most, done = _day(of)
        yield f"  {name:9} 100 images: {small} (median; 95 of 100). {large}. At most {most} wait."
        yield f"  {'':9} Done after the burst: {done}. At most {of.most_a_second:,.0f} images a second."
        yield f"  {'':9} ${of.dollars_a_day(prices):,.2f} a day, ${of.dollars_a_million(prices):.3f} a million."
        for limit in of.met:
            held = count(of.trace.held_back[limit] * of.stacks)
            number = limit.number.format(of=of.deployment)
            yield f"  {'':9} {limit.name} ({number}) held back {held}: {limit.moved_by}. {limit.document}"
    if each.moved:
        yield f"  moved, in this order: {', '.join(limit.name for limit in each.moved)}"
    if each.found.stacks > 1:
        yield f"  that is not enough: {each.found.stacks} stacks"
    yield f"  so: {', '.join(changes(each)) or 'nothing is needed'}"


def figures(plans: Sequence[Plan], prices: Prices) -> dict[str, Any]:
    """For .bench/simulate.json, from which the plots are drawn."""
    of, widest = plans[0].default.deployment, plans[-1].default.demand
    return {
        "scales": [
            {
                "images_a_day": each.default.demand.images_a_day,
                "peak": each.default.demand.peak,
                "moved": [limit.name for limit in each.moved],
                "raised": list(changes(each)),
                "defaults_outcome": _figures(each.default, prices),
                "raised_outcome": _figures(each.found, prices),
            }
            for each in plans
        ],
        "ceilings": {
            "defaults": {limit.name: pace for limit, pace in ceilings(of, widest).items()},
            "raised": {limit.name: pace for limit, pace in ceilings(plans[-1].found.deployment, widest).items()},
        },
    }


def _figures(of: Outcome, prices: Prices) -> dict[str, Any]:
    median, most = of.small_seconds
    found = {
        "small_median": median,
        "small_most": most,
        "large_median": of.large_seconds,
        "most_waiting": of.most_waiting,
        "done_after": of.counted_after,
        "most_a_second": of.most_a_second,
        "dollars_a_day": of.dollars_a_day(prices),
        "dollars_a_million": of.dollars_a_million(prices),
    }
    finite = {name: None if math.isinf(value) else value for name, value in found.items()}
    backlog = of.trace.backlog[::MINUTE]
    return {
        **finite,
        "stacks": of.stacks,
        "held_back": {limit.name: images for limit, images in of.trace.held_back.most_common()},
        "minutes": [at - BEFORE / MINUTE for at in range(len(backlog))],
        "backlog": [images * of.stacks for images in backlog],
    }
