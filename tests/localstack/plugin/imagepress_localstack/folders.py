"""LocalStack's S3 in the folder of its run: its own is one under /tmp, which two LocalStacks would share."""

import tempfile

from localstack.runtime import hooks
from localstack.services.s3 import provider


@hooks.on_infra_start()  # type: ignore[untyped-decorator]  # LocalStack is not installed beside mypy
def keep_s3_apart() -> None:
    """Before the first bucket."""
    provider.DEFAULT_S3_TMP_DIR = tempfile.mkdtemp(prefix="s3-")
