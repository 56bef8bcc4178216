"""Deletes all that is kept of an owner: requests, pictures, CSVs, keys, endpoints, deliveries. It may be run again.

The request records go last, since they lead to everything else.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from functions.adapters.table.chunks import chunk_pk
from functions.adapters.table.dynamodb import Dynamo
from functions.adapters.table.requests import RequestTable
from functions.core.model import Request, RequestStatus, Source
from functions.core.uploads import outgoing_key
from infra.operate.api_keys import disable_key, list_keys
from infra.operate.deployment import Deployment

OWN_PREFIXES = {  # by bucket, the folders that have the owner in their names
    "UploadsBucket": ("uploads/{}/", "presigned/{}/", "incoming/{}/"),
    "ResultsBucket": ("outgoing/{}/", "exports/{}/"),
}
REQUEST_PREFIXES = ("images/{}/", "plans/{}/", "results/{}")  # in ResultsBucket
GAP = 50  # chunks without a record, after which there is none: a part of the plan has 25, written in any order


@dataclass
class Forgotten:
    """How many of each were deleted."""

    requests: int = 0
    cancelled: int = 0
    records: int = 0
    objects: int = 0
    keys: int = 0

    def __str__(self) -> str:
        return (
            f"{self.requests} requests ({self.cancelled} were still open), {self.records} records, "
            f"{self.objects} objects, {self.keys} API keys"
        )


def forget(deployment: Deployment, owner: str) -> Forgotten:
    """Delete all that is kept of an owner. Keys stop first, so that nothing new comes in."""
    table, forgotten = deployment.table, Forgotten()
    keys = list_keys(table, owner)
    for key in keys:
        disable_key(table, owner, key.key_id)
    requests = [request for id_ in _request_ids(table, owner) if (request := RequestTable(table).find(id_))]
    for request in requests:
        forgotten.cancelled += _cancel(table, request)
    for request in requests:
        _forget_request(deployment, request, forgotten)
    for output, prefixes in OWN_PREFIXES.items():
        for prefix in prefixes:
            forgotten.objects += deployment.delete_objects(deployment.outputs[output], prefix.format(owner))
    _forget_owner(deployment, owner, forgotten)
    forgotten.keys, forgotten.requests = len(keys), len(requests)
    return forgotten


def _request_ids(table: Dynamo, owner: str) -> list[str]:
    found = table.query("#owner = :owner", {"owner": owner}, index="owner")
    return [record["pk"].removeprefix("REQUEST#") for record in found]


def _cancel(table: Dynamo, request: Request) -> bool:
    """Stop what still runs: its messages find an ended request, and later none."""
    is_open = not request.status.is_terminal
    return is_open and RequestTable(table).end(request.request_id, RequestStatus.CANCELLED, None, time.time())


def _forget_request(deployment: Deployment, request: Request, forgotten: Forgotten) -> None:
    for prefix in REQUEST_PREFIXES:
        bucket = deployment.outputs["ResultsBucket"]
        forgotten.objects += deployment.delete_objects(bucket, prefix.format(request.request_id))
    forgotten.records += deployment.delete_records(_children(deployment.table, request))
    if request.source is Source.S3:
        path = f"OUTGOING#{outgoing_key(request.object_key)}"
        forgotten.records += deployment.delete_records(
            [(path, "OUTGOING")] if deployment.table.get(path, "OUTGOING") else []
        )
    forgotten.records += deployment.delete_records(_partition(deployment.table, f"REQUEST#{request.request_id}"))


def _children(table: Dynamo, request: Request) -> Iterator[tuple[str, str]]:
    """The chunks of a request, each with its results."""
    missing = 0
    for number in count():
        found = list(_partition(table, chunk_pk(request.request_id, number)))
        missing = 0 if found else missing + 1
        if missing > GAP:
            return
        yield from found


def _forget_owner(deployment: Deployment, owner: str, forgotten: Forgotten) -> None:
    table = deployment.table
    places = table.query("pk = :pk AND begins_with(sk, :prefix)", {"pk": f"OWNER#{owner}", "prefix": "KEY#"})
    digests = [place["digest"] for place in places]
    deployment.delete_records((f"KEY#{digest}", "KEY") for digest in digests)
    forgotten.records += deployment.delete_records(_partition(table, f"OWNER#{owner}"))


def _partition(table: Dynamo, pk: str) -> Iterator[tuple[str, str]]:
    """The keys of all records under a partition key."""
    for record in table.query("pk = :pk", {"pk": pk}, only=("pk", "sk")):
        yield record["pk"], record["sk"]
