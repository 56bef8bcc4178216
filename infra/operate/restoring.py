"""Brings the records of an earlier time back: DynamoDB restores them beside the table, and they are copied into it.

The restored records replace those of the same keys. Records that were made since then stay. The stack is to be
paused: nobody writes to the table meanwhile, but callers of the API.
"""

import time
from datetime import UTC, datetime
from typing import Any

from infra.operate.deployment import WRITTEN_A_CALL, Deployment, StackError

SECONDS = 3_600  # a table of some gigabytes takes half an hour
POLL = 5.0


def restore(deployment: Deployment, at: datetime, poll: float = POLL) -> str:
    """Copy back all records as they were at a time. Returns what was done. Raises StackError if it takes too long."""
    dynamodb, table = deployment.client("dynamodb"), deployment.outputs["TableName"]
    beside = f"{table}-restored-{at.strftime('%Y%m%dT%H%M%S')}"
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName=beside, RestoreDateTime=at, BillingModeOverride="PAY_PER_REQUEST"
    )
    _wait(dynamodb, beside, poll)
    count = _copy(deployment, dynamodb, beside)
    dynamodb.delete_table(TableName=beside)
    when = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{count:,} records are as they were at {when}; records that were made later are left as they are"


def _wait(dynamodb: Any, table: str, poll: float) -> None:
    deadline = time.monotonic() + SECONDS
    while dynamodb.describe_table(TableName=table)["Table"]["TableStatus"] != "ACTIVE":
        if time.monotonic() > deadline:
            raise StackError(f"{table} is not restored after {SECONDS} s; DynamoDB goes on, look at it in the console")
        time.sleep(poll)


def _copy(deployment: Deployment, dynamodb: Any, beside: str) -> int:
    count, some = 0, []
    for page in dynamodb.get_paginator("scan").paginate(TableName=beside):
        for item in page["Items"]:
            some.append({"PutRequest": {"Item": item}})
            if len(some) == WRITTEN_A_CALL:
                deployment.write(some)
                count, some = count + len(some), []
    if some:
        deployment.write(some)
    return count + len(some)
