"""The compress function as Lambda calls it, over events from a file: `python -m infra.bench.worker EVENTS`."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.compress.handler import lambda_handler

TIMEOUT_MS = 120_000


@dataclass(frozen=True)
class Context:
    """What the function reads of Lambda's context."""

    function_name: str = "bench"
    memory_limit_in_mb: int = 1_024
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:bench"
    aws_request_id: str = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """As at the start of an invocation."""
        return TIMEOUT_MS


def main() -> int:
    """1 if any message would have come again."""
    context: Any = Context()
    failed = 0
    for line in Path(sys.argv[1]).read_text().splitlines():
        failed += len((lambda_handler(json.loads(line), context) or {})["batchItemFailures"])
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
