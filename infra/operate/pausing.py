"""A pause: no function takes work until it ends, and nothing is lost meanwhile.

Uploads are still taken, and wait. Queues keep messages for four days, and a request ends after DeadlineHours even so.
The stream keeps results for a day: the sweep of recover counts what it has lost after that.
"""

import time
from typing import Any

from infra.operate.deployment import Deployment, StackError

SETTLED = {True: "Enabled", False: "Disabled"}
SECONDS = 180  # AWS takes up to a minute or two to change an event source
POLL = 1.0


def set_running(deployment: Deployment, is_running: bool, seconds: float = SECONDS) -> str:
    """Switch all event sources and recover's schedule on or off. Returns a sentence for the operator."""
    aws_lambda, events = deployment.client("lambda"), deployment.client("events")
    sources = [each.physical for each in deployment.resources("AWS::Lambda::EventSourceMapping")]
    rules = [each.physical for each in deployment.resources("AWS::Events::Rule")]
    for rule in rules:  # names, or ARNs that end in them
        switch = events.enable_rule if is_running else events.disable_rule
        switch(Name=rule.rpartition("/")[2])
    for source in sources:
        aws_lambda.update_event_source_mapping(UUID=source, Enabled=is_running)
    _wait(aws_lambda, sources, SETTLED[is_running], seconds)
    word = "takes work again" if is_running else "is paused: uploads are taken and wait"
    return f"{deployment.stack} {word} ({len(sources)} event sources, {len(rules)} schedules)"


def _wait(aws_lambda: Any, sources: list[str], state: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for source in sources:
        while aws_lambda.get_event_source_mapping(UUID=source)["State"] != state:
            if time.monotonic() > deadline:
                raise StackError(f"event source {source} is not {state} after {seconds:.0f} s: say the command again")
            time.sleep(POLL)
