"""The whole embedded run: engine, deployed template, front door; its state in a folder that survives a restart."""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from functions.adapters.table.dynamodb import Dynamo
from functions.api.keys import LOCAL_OWNER
from infra.local import deploy, engine
from infra.local.front_door import open_front_door
from infra.local.invoke import CONFIG as INVOKE
from infra.local.invoke import ByInvocation
from infra.local.resume import resume
from infra.local.ways import OverHttp, Way
from infra.operate.api_keys import make_key

LOOPBACK = "127.0.0.0/8,::1/128"


class FolderTakenError(Exception):
    """Another embedded run uses the folder."""


@dataclass(frozen=True)
class LocalStack:
    """What a user, a demo or a test needs to know of a running stack."""

    url: str
    stack: deploy.Stack
    webhook_secret: str
    engine: engine.Engine
    api_key: str | None = None
    needs_key: bool = False


@contextmanager
def local_stack(folder: Path, port: int, parameters: Mapping[str, str] | None = None) -> Iterator[LocalStack]:
    """Everything up and deployed; everything down at the end. Port 0 finds a free one.

    Raises PortTakenError, FolderTakenError, EngineError or DeployError.
    """
    folder = folder.resolve()
    with open_front_door(port) as door, _locked(folder):
        is_restart = (folder / "state").exists()
        secret = _webhook_secret(folder)
        with engine.running(folder) as running:
            wanted = parameters_of(door.url, secret) | dict(parameters or {})
            stack = deploy.deploy(running.url, wanted)
            if is_restart:
                resume(stack)
            api_key = _api_key(stack)
            door.way = way_to(stack)
            yield LocalStack(door.url, stack, secret, running, api_key, wanted["RequireKeys"] == "true")
            door.way = None


def way_to(stack: deploy.Stack) -> Way:
    """Through the stack's HTTP API; a stack without one has its function invoked."""
    if "ApiId" in stack.outputs:
        return OverHttp(stack.api_url)
    return ByInvocation(stack.client("lambda", INVOKE), stack.outputs["ApiFunction"])


def parameters_of(public_url: str, webhook_secret: str) -> dict[str, str]:
    """Those of an emulated AWS on this machine."""
    return {
        "RequireKeys": os.environ.get("REQUIRE_KEYS") or "false",
        "PublicUrl": public_url,
        "WebhookSecret": webhook_secret,
        "AllowedNetworks": LOOPBACK,  # so that people can try their own servers
        "CompressConcurrency": str(max(2, os.cpu_count() or 1)),
        "CompressMemory": "3008",  # nothing limits it here but the worker's own budget
        "FirstWait": "1",
        "RecoverSchedule": "rate(1 minute)",
        "Patience": "60",
    }


def _api_key(stack: deploy.Stack) -> str | None:
    """API_KEY, which opens the stack from now on as the owner that everything has where keys are off."""
    given = os.environ.get("API_KEY")
    if given:
        table = Dynamo(stack.client("dynamodb"), stack.outputs["TableName"])
        make_key(table, LOCAL_OWNER, "API_KEY", time.time(), given)
    return given


def _webhook_secret(folder: Path) -> str:
    """WEBHOOK_SECRET, or one that is made once for the folder."""
    given = os.environ.get("WEBHOOK_SECRET")
    if given:
        return given
    file = folder / "webhook-secret"
    if not file.exists():
        file.write_text(f"whsec_{secrets.token_hex(16)}")
        file.chmod(0o600)
    return file.read_text()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FolderTakenError(f"another embedded run is using {folder}: stop that one with Ctrl-C") from error
        yield
