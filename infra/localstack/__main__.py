"""What `make localstack` does besides `sam deploy`: `python -m infra.localstack parameters` before, `serve` after.

LocalStack's free edition has no apigatewayv2. The stack is deployed without its HTTP API there, and its calls come
through a front door of ours, which invokes the api function.
"""

import argparse
import signal
import sys
import threading
from http import HTTPStatus
from typing import Any

from botocore.exceptions import ClientError
from localstack_client.session import Session  # type: ignore[import-untyped]  # ships no annotations

from infra.local.deploy import STACK, Stack
from infra.local.front_door import PortTakenError, open_front_door
from infra.local.stack import way_to


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.localstack", description=__doc__)
    parser.add_argument("command", choices=["parameters", "serve"])
    parser.add_argument("--endpoint", required=True, help="the LocalStack, as this machine reaches it")
    parser.add_argument("--port", type=int, default=8000, help="of the front door")
    arguments = parser.parse_args()
    session = Session(localstack_host=arguments.endpoint.partition("://")[2])
    if arguments.command == "parameters":
        print(" ".join(parameters(session.client("apigatewayv2"), f"http://localhost:{arguments.port}")))
        return 0
    return serve(stack_of(session.client("cloudformation"), arguments.endpoint), arguments.port)


def parameters(gateway: Any, public_url: str) -> list[str]:
    """Those that depend on the edition: without apigatewayv2, the stack has no HTTP API."""
    try:
        gateway.get_apis()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_IMPLEMENTED:
            raise
        return ["WithHttpApi=false", f"PublicUrl={public_url}"]
    return ["WithHttpApi=true"]


def stack_of(cloudformation: Any, endpoint: str) -> Stack:
    """The deployed stack."""
    (described,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    return Stack(endpoint, {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]})


def serve(stack: Stack, port: int) -> int:
    """Pass calls on until Ctrl-C; a stack with an HTTP API needs nobody to. The exit status."""
    if "ApiId" in stack.outputs:
        print(f"Serving on  {stack.outputs['ApiUrl']}")
        return 0
    try:
        _end_on_signals()
        with open_front_door(port) as door:
            door.way = way_to(stack)
            print(f"Serving on  {door.url}, Ctrl-C stops", flush=True)
            threading.Event().wait()
    except PortTakenError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the stack is still there")
    return 0


def _end_on_signals() -> None:
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)  # a script's background process starts with SIGINT ignored


if __name__ == "__main__":
    sys.exit(main())
