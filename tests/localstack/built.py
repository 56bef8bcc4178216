"""What `make build` built, deployed: the artefacts themselves, not the sources with the packages of the tests."""

import re
from pathlib import Path

from infra.local import deploy
from tests.localstack.host import ROOT, CannotStartError

BUILT = ROOT / ".aws-sam" / "build"
CODE = re.compile(r"CodeUri: (\w+)$", re.MULTILINE)


def template(endpoint: str) -> str:
    """The built template with its code in the emulated S3. Raises CannotStartError where nothing was built."""
    file = BUILT / "template.yaml"
    if not file.is_file():
        raise CannotStartError(f"there is no {file}: `make build`")
    return CODE.sub(lambda found: f"CodeUri: {_uploaded(endpoint, BUILT / found[1])}", file.read_text())


def _uploaded(endpoint: str, folder: Path) -> str:
    return f"s3://{deploy.ARTIFACTS}/{deploy.upload(endpoint, deploy.zipped(folder, ''), 'zip')}"
