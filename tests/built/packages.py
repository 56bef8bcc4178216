"""The zips that `sam deploy` would upload, of what `make build` made."""

import hashlib
import json
import os
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from infra.local.deploy import ARTIFACTS, ROOT, client
from infra.local.engine import CREDENTIALS, REGION

BUILT = ROOT / ".aws-sam/build"
FUNCTIONS = ("api", "ingest", "compress", "tally", "finalize", "notify", "recover")


@dataclass(frozen=True)
class Package:
    """A function's zip: how large it is, and the folder that it was unzipped to."""

    zipped_bytes: int
    unzipped_bytes: int
    folder: Path


def packed(endpoint: str, folder: Path) -> dict[str, Package]:
    """Every function's package, by the function's short name: packed and uploaded by the SAM CLI, fetched, unzipped."""
    sources = _uploaded(endpoint, folder / "packaged.json")
    contents = {name: _fetched(endpoint, source) for name, source in sources.items()}
    unzipped = _Unzipped(folder)
    return {name: unzipped.of(content) for name, content in contents.items()}


@dataclass(frozen=True)
class _Unzipped:
    folder: Path

    @cache  # noqa: B019 - functions of the same content share a folder, and this lives as long as they do
    def of(self, content: bytes) -> Package:
        place = self.folder / hashlib.sha256(content).hexdigest()[:16]
        size = 0
        with zipfile.ZipFile(BytesIO(content)) as archive:
            archive.extractall(place)
            for entry in archive.infolist():
                size += entry.file_size
                if mode := entry.external_attr >> 16 & 0o777:  # as Lambda does, and zipfile does not
                    (place / entry.filename).chmod(mode)
        return Package(len(content), size, place)


def _uploaded(endpoint: str, packaged: Path) -> dict[str, str]:
    if not (BUILT / "template.yaml").exists():
        raise AssertionError("nothing was built: `make built` builds, and then runs these tests")
    command: list[str | Path] = ["package", "--template-file", BUILT / "template.yaml", "--s3-bucket", ARTIFACTS]
    sam = subprocess.run(
        [ROOT / ".sam/bin/sam", *command, "--use-json", "--output-template-file", packaged],
        env=os.environ | CREDENTIALS | {"AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": endpoint, **QUIET},
        capture_output=True,
        text=True,
        check=False,
    )
    assert sam.returncode == 0, sam.stderr
    resources: Mapping[str, Any] = json.loads(packaged.read_text())["Resources"]
    return {name: resources[f"{name.capitalize()}Function"]["Properties"]["CodeUri"] for name in FUNCTIONS}


QUIET = {"SAM_CLI_TELEMETRY": "0"}


def _fetched(endpoint: str, source: str) -> bytes:
    bucket, key = source.removeprefix("s3://").split("/", 1)
    body: bytes = client("s3", endpoint).get_object(Bucket=bucket, Key=key)["Body"].read()
    return body
