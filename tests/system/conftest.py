"""The deployed template on the target (targets.py), started once for all system tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import pictures
from infra.local.origin import serving
from infra.local.stack import LocalStack
from tests.system.owners import Owner, owner
from tests.system.receiver import Receiver, receiving
from tests.system.targets import EMULATED, PUBLIC_ORIGIN, TARGET, needs_loopback, of_the_target

ROOT = Path(__file__).parents[2]
QUICK = {"Patience": "1"}  # so that recover may look at once


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with of_the_target(tmp_path_factory.mktemp("state"), QUICK) as running:
        yield running


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The real photographs where they are, the project's own pictures elsewhere."""
    folder = Path(os.environ.get("IMAGEPRESS_PHOTOS", ROOT.parent / "shared" / "photos"))
    if folder.is_dir():
        return sorted(file for file in folder.iterdir() if file.suffix in {".jpg", ".png", ".webp"})
    return pictures.write_pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="session")
def photo_origin(photos: list[Path]) -> Iterator[str]:
    if TARGET not in EMULATED and PUBLIC_ORIGIN:
        yield PUBLIC_ORIGIN
        return
    needs_loopback()
    with serving(photos[0].parent) as url:
        yield url


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture(scope="module")
def acme(locked: LocalStack) -> Owner:
    """An owner of the module's own stack `locked`, with a key."""
    return owner(locked, "acme")


@pytest.fixture(scope="module")
def other(locked: LocalStack) -> Owner:
    """Another one, who is to see nothing of the first."""
    return owner(locked, "other")
