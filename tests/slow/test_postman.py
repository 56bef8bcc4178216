"""The Postman collection runs from top to bottom against the running stack, as newman runs it."""

import os
import subprocess
from pathlib import Path

from infra.local.deploy import ROOT
from infra.local.stack import LocalStack

NEWMAN = ROOT / ".npm" / "node_modules" / ".bin" / "newman"  # `make slow` installs it
NODE = ROOT / ".venv" / "bin"


def test_the_collection_is_green(stack: LocalStack, photos: list[Path], photo_origin: str) -> None:
    variables = {
        "base_url": stack.url,
        "api_key": stack.api_key,
        "image_url": f"{photo_origin}/{photos[0].name}",
        "webhook_url": f"{stack.url}/webhook",
    }
    given = [word for name, value in variables.items() for word in ("--env-var", f"{name}={value}")]
    done = subprocess.run(
        [NEWMAN, "run", "postman_collection.json", *given, "--bail", "--delay-request", "100", "--color", "off"],
        cwd=ROOT / "docs",
        env=os.environ | {"PATH": f"{NODE}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-5_000:]
