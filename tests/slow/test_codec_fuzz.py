"""The codec among mutated files for as long as is wanted: FUZZ_EXAMPLES files, other ones each time or by FUZZ_SEED."""

import os
import random
from pathlib import Path

from tests.hostile.test_codec_fuzz import fuzzed, told

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "20000"))
SEED = os.environ.get("FUZZ_SEED") or str(random.randrange(1 << 32))  # noqa: S311 - protects nothing


def test_no_mutated_file_does_harm(tmp_path: Path) -> None:
    ran = fuzzed(EXAMPLES, SEED, tmp_path / "last")
    assert ran.returncode == 0, f"FUZZ_SEED={SEED} {told(ran, tmp_path / 'last')}"
