"""What `sam deploy` would upload, for both architectures: loadable by the runtime, and not too large."""

import platform
from pathlib import Path

import pytest

from infra.local.deploy import ROOT
from tests.built.libraries import Library, libraries
from tests.built.packages import BUILT, FUNCTIONS, Package

MACHINES = ["EM_AARCH64", "EM_X86_64"]
OWN = "EM_AARCH64" if platform.machine() == "aarch64" else "EM_X86_64"
OTHERS = ROOT / ".aws-sam/other/build"  # where `make built` has the other one built
GLIBC = (2, 34)  # python3.13 is Amazon Linux 2023
SYSTEM = {  # glibc's own, and what Amazon Linux 2023 has besides
    *("ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"),
    *("libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "libresolv.so.2", "librt.so.1"),
    *("libgcc_s.so.1", "libstdc++.so.6", "libz.so.1"),
}
ZIPPED = 35 * 1_000_000  # bytes; Lambda takes 50 MB without S3
UNZIPPED = 100 * 1_000_000  # bytes; Lambda takes 250 MB


@pytest.fixture(scope="module", params=MACHINES)
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def built(machine: str) -> Path:
    folder = BUILT if machine == OWN else OTHERS
    assert folder.is_dir(), f"nothing was built for {machine}: `make built` does"
    return folder


@pytest.fixture(scope="module")
def native(built: Path) -> list[Library]:
    return [library for name in FUNCTIONS for library in libraries(built / f"{name.capitalize()}Function")]


def test_every_function_was_built(built: Path) -> None:
    folders = {path.name for path in built.iterdir() if path.is_dir()}
    assert folders == {f"{name.capitalize()}Function" for name in FUNCTIONS}


def test_native_libraries_are_for_the_architecture(native: list[Library], machine: str) -> None:
    assert {library.path.parts[-1]: library.machine for library in native if library.machine != machine} == {}
    assert len(native) > len(FUNCTIONS)


def test_native_libraries_need_no_newer_glibc_than_the_runtime_has(native: list[Library]) -> None:
    assert {library.path.name: library.glibc for library in native if library.glibc > GLIBC} == {}


def test_native_libraries_need_nothing_that_is_neither_packed_nor_in_the_runtime(native: list[Library]) -> None:
    packed = {library.path.name for library in native}
    assert set().union(*(library.needs for library in native)) - packed <= SYSTEM


def test_nothing_that_a_build_leaves_behind_is_packed(built: Path) -> None:
    assert not list(built.rglob("__pycache__"))


def test_an_artefact_has_a_budget(built: Path) -> None:
    sizes = {name: _bytes_in(built / f"{name.capitalize()}Function") for name in FUNCTIONS}
    assert {name: size for name, size in sizes.items() if size > UNZIPPED} == {}


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def test_a_zip_has_a_budget(packages: dict[str, Package]) -> None:
    assert {name: package.zipped_bytes for name, package in packages.items() if package.zipped_bytes > ZIPPED} == {}


def test_functions_of_the_same_code_are_the_same_zip(packages: dict[str, Package]) -> None:
    assert len({package.folder for package in packages.values()}) == 1
