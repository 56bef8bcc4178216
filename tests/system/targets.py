"""Where the system tests run: IMAGEPRESS_TARGET is `embedded`, `localstack`, or the name of a deployed stack.

A deployed stack is that of the AWS of the environment. It has to be deployed with RequireKeys=false and Patience=1; it
cannot reach this machine, so that tests with an origin or a receiver on loopback are skipped; IMAGEPRESS_ORIGIN is a
public URL under which the photographs lie, if there is one.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from localstack_client.session import Session  # type: ignore[import-untyped]  # ships no annotations

from infra.dynamodb.server import CannotStartError as NoTableError
from infra.local.deploy import Stack, deploy_template
from infra.local.engine import REGION, Engine
from infra.local.front_door import open_front_door
from infra.local.stack import LocalStack, local_stack, parameters_of, way_to
from tests.localstack import built, host

EMBEDDED, LOCALSTACK = "embedded", "localstack"
TARGET = os.environ.get("IMAGEPRESS_TARGET") or EMBEDDED
PUBLIC_ORIGIN = os.environ.get("IMAGEPRESS_ORIGIN", "").rstrip("/")
SECRET = "whsec_" + "0123456789abcdef" * 2
NO_ENGINE = cast(Engine, None)  # nobody asks a deployed stack for its process

EMULATED = {EMBEDDED, LOCALSTACK}


def only_on(*targets: str, because: str) -> pytest.MarkDecorator:
    """A mark of tests that the other targets cannot have."""
    return pytest.mark.skipif(TARGET not in targets, reason=f"not on {TARGET}: {because}")


ONLY_RESTARTS = only_on(EMBEDDED, because="what a restart keeps is not in LocalStack's free edition")
ONLY_RESTORED = only_on(
    EMBEDDED, because='LocalStack has no RestoreTableToPointInTime: "An unknown operation was requested"'
)
ONLY_RETAINED = only_on(EMBEDDED, because="LocalStack deletes what RetainExceptOnCreate is to keep, with the stack")
ONLY_FAIR = only_on(
    EMBEDDED, because="LocalStack's queues deliver in the order of sending, whatever the MessageGroupId"
)
ONLY_COMMAND = only_on(EMBEDDED, because="it tries `make run`, which is the embedded engine")
ONLY_BOTH_WAYS = only_on(EMBEDDED, because="it compares the front door's two ways, of which there is one here")


def needs_loopback() -> None:
    """Skip where the functions do not run on this machine."""
    if TARGET not in EMULATED:
        pytest.skip(f"not on {TARGET}: AWS reaches no server on this machine")


@dataclass(frozen=True)
class Tested(Stack):
    """A stack whose clients come from localstack-client."""

    def client(self, service: str, config: Config | None = None) -> Any:
        session = Session(localstack_host=urlsplit(self.endpoint).netloc, region_name=REGION)
        return session.client(service, config=config)


@dataclass(frozen=True)
class Deployed(Stack):
    """A stack in the account of the environment."""

    def client(self, service: str, config: Config | None = None) -> Any:
        make: Any = boto3.client  # its stubs want the service's name as a literal
        return make(service, config=config)


def of_the_target(folder: Path, parameters: Mapping[str, str]) -> AbstractContextManager[LocalStack]:
    """The stack that all tests share."""
    return stack_of_its_own(folder, 0, parameters) if TARGET in EMULATED else _deployed(TARGET)


@contextmanager
def stack_of_its_own(folder: Path, port: int, parameters: Mapping[str, str]) -> Iterator[LocalStack]:
    """One with these parameters, for a test that cannot share it."""
    if TARGET not in EMULATED:
        pytest.skip(f"not on {TARGET}: the test wants a stack with parameters of its own")
    start = local_stack if TARGET == EMBEDDED else _on_localstack
    with start(folder, port, parameters) as running:
        yield replace(running, stack=Tested(running.stack.endpoint, running.stack.outputs))


@contextmanager
def _on_localstack(folder: Path, port: int, parameters: Mapping[str, str]) -> Iterator[LocalStack]:
    """Skips, and says why, where LocalStack cannot start."""
    try:
        with open_front_door(port) as door, host.running(folder / "localstack.log") as engine:
            wanted = parameters_of(door.url, SECRET) | {"WithHttpApi": "false"} | dict(parameters)
            stack = deploy_template(engine.url, built.template(engine.url), wanted)
            door.way = way_to(stack)
            yield LocalStack(door.url, stack, SECRET, engine, needs_key=wanted["RequireKeys"] == "true")
    except (host.CannotStartError, NoTableError) as error:
        pytest.skip(str(error))


@contextmanager
def _deployed(name: str) -> Iterator[LocalStack]:
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    given = {each["ParameterKey"]: each["ParameterValue"] for each in described.get("Parameters", [])}
    if given.get("RequireKeys") != "false":
        raise pytest.UsageError(f"the stack {name} has to be deployed with RequireKeys=false for these tests")
    yield LocalStack(outputs["ApiUrl"], Deployed("", outputs), given["WebhookSecret"], NO_ENGINE)
