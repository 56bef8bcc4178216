"""Schemathesis against the running stack: every check, and calls that follow from each other by their links."""

import os
import subprocess
import sys
from pathlib import Path

from infra.local.stack import LocalStack

CONFIG = Path(__file__).with_name("schemathesis.toml")
# One worker: two make CPython 3.11.7 fail in ast.parse (its issue 106905), which Hypothesis calls for lambdas.
EXAMPLES = os.environ.get("SCHEMA_EXAMPLES", "30")  # a call and phase


def test_schemathesis_finds_nothing(stack: LocalStack, tmp_path: Path) -> None:
    command: list[str | Path] = [Path(sys.executable).with_name("schemathesis"), "--config-file", str(CONFIG), "run"]
    wanted = ["--url", stack.url, "--checks", "all", "--mode", "all", "--max-examples", EXAMPLES, "--workers", "1"]
    seeded = ["--seed", "1", "--request-timeout", "30", "--header", f"X-API-Key: {stack.api_key}"]
    done = subprocess.run(
        [*command, f"{stack.url}/openapi.json", *wanted, *seeded],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
