"""The environment of every function of a stack on LocalStack, as `sam local --env-vars` wants it.

`sam local` runs one function in a container; what it works with (table, buckets, queues) is a stack deployed to an
emulated AWS. Set LOCALSTACK_HOST where that is not localhost:4566.
"""

import argparse
import json
import sys
from typing import Any

from localstack_client.session import Session  # type: ignore[import-untyped]  # ships no annotations

FUNCTION = "AWS::Lambda::Function"


def main() -> int:
    """Print the JSON; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.localstack.env_vars", description=__doc__)
    parser.add_argument("--stack", default="imagepress")
    parser.add_argument("--endpoint", required=True, help="the emulated AWS as a container reaches it")
    arguments = parser.parse_args()
    session: Any = Session()
    json.dump(environments(session, arguments.stack, arguments.endpoint), sys.stdout, indent=2)
    return 0


def environments(session: Any, stack: str, endpoint: str) -> dict[str, dict[str, str]]:
    """The variables of each function of the stack, by its logical id."""
    described = session.client("cloudformation").describe_stack_resources(StackName=stack)
    functions = session.client("lambda")
    return {
        resource["LogicalResourceId"]: {
            **functions.get_function_configuration(FunctionName=resource["PhysicalResourceId"])["Environment"][
                "Variables"
            ],
            "AWS_ENDPOINT_URL": endpoint,
        }
        for resource in described["StackResources"]
        if resource["ResourceType"] == FUNCTION
    }


if __name__ == "__main__":
    sys.exit(main())
