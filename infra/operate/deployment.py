"""A deployed stack: what it is made of, and how to reach it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

import boto3

from functions.adapters.table.dynamodb import Dynamo

Client = Callable[[str], Any]
FUNCTIONS = ("api", "ingest", "compress", "tally", "finalize", "notify", "recover")
DELETED_A_CALL = 1_000  # objects; S3's limit
WRITTEN_A_CALL = 25  # records; DynamoDB's limit
TRIES = 8


class StackError(Exception):
    """A stack of something else, or none; the message says so."""


def own_client(service: str) -> Any:
    """A client by the environment, which AWS_ENDPOINT_URL points at an emulated AWS."""
    make: Any = boto3.client  # its stubs want the service's name as a literal
    return make(service)


@dataclass(frozen=True)
class Resource:
    """A resource of the stack: its name in the template, its type, what AWS calls it."""

    name: str
    kind: str
    physical: str


@dataclass(frozen=True)
class Deployment:
    """One stack. `client` makes clients of AWS's services by their names."""

    stack: str
    client: Client
    outputs: Mapping[str, str]

    @classmethod
    def connect(cls, stack: str, client: Client = own_client) -> Self:
        """The stack of this name. Raises StackError where there is none, or one of something else."""
        cloudformation = client("cloudformation")
        try:
            (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        except cloudformation.exceptions.ClientError as error:
            raise StackError(f"there is no stack {stack} in this account and region: {error}") from error
        outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
        if "TableName" not in outputs:
            raise StackError(f"the stack {stack} is not one of Imagepress: it has no output TableName")
        return cls(stack, client, outputs)

    @property
    def table(self) -> Dynamo:
        """The table, as the functions read it."""
        return Dynamo(self.client("dynamodb"), self.outputs["TableName"])

    def resources(self, kind: str) -> list[Resource]:
        """The resources of a type, `AWS::SQS::Queue` for example."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.stack)
        each = (resource for page in pages for resource in page["StackResourceSummaries"])
        return [
            Resource(one["LogicalResourceId"], one["ResourceType"], one["PhysicalResourceId"])
            for one in each
            if one["ResourceType"] == kind
        ]

    def log_group(self, function: str) -> str:
        """Where a function logs."""
        return f"/aws/lambda/{self.stack}-{function}"

    def delete_objects(self, bucket: str, prefix: str) -> int:
        """Delete all versions of all objects under a prefix. Returns how many that were, delete markers aside."""
        s3, versions, count = self.client("s3"), self._versions(bucket, prefix), 0
        while some := list(islice(versions, DELETED_A_CALL)):
            keys = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in some]
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
            if answer.get("Errors"):
                raise StackError(f"S3 did not delete {len(answer['Errors'])} objects: {answer['Errors'][0]}")
            count += sum("ETag" in each for each in some)
        return count

    def _versions(self, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
        pages = self.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            yield from page.get("Versions", [])
            yield from page.get("DeleteMarkers", [])

    def delete_records(self, keys: Iterable[tuple[str, str]]) -> int:
        """Delete records by pk and sk. Returns how many."""
        left, count = iter(keys), 0
        while some := list(islice(left, WRITTEN_A_CALL)):
            wanted = [{"DeleteRequest": {"Key": {"pk": {"S": pk}, "sk": {"S": sk}}}} for pk, sk in some]
            self.write(wanted)
            count += len(some)
        return count

    def write(self, wanted: list[dict[str, Any]]) -> None:
        """Put or delete up to WRITTEN_A_CALL records, as BatchWriteItem has them. Raises StackError."""
        dynamodb, left = self.client("dynamodb"), {self.outputs["TableName"]: wanted}
        for attempt in range(TRIES):
            left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems") or {}
            if not left:
                return
            time.sleep(2**attempt / 10)
        raise StackError("the table is too busy to write records now: say the same command again later")
