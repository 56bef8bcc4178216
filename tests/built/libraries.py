"""What the native libraries of an artefact ask of the machine that loads them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

MAGIC = b"\x7fELF"


@dataclass(frozen=True)
class Library:
    """A native file: for which machine, the newest glibc that it needs, and the libraries that it loads."""

    path: Path
    machine: str
    glibc: tuple[int, ...]
    needs: frozenset[str]


def libraries(folder: Path) -> list[Library]:
    """Every ELF file below a folder, whatever its name."""
    return [_library(file) for file in sorted(folder.rglob("*")) if file.is_file() and _starts(file) == MAGIC]


def _starts(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(len(MAGIC))


def _library(file: Path) -> Library:
    with file.open("rb") as opened:
        elf = ELFFile(opened)
        return Library(file, elf["e_machine"], max(_glibc(elf), default=(0,)), frozenset(_needed(elf)))


def _glibc(elf: ELFFile) -> Iterator[tuple[int, ...]]:
    for section in elf.iter_sections():
        if isinstance(section, GNUVerNeedSection):
            for _needed_file, versions in section.iter_versions():
                for version in versions:
                    if version.name.startswith("GLIBC_") and version.name[6].isdigit():
                        yield tuple(map(int, version.name.removeprefix("GLIBC_").split(".")))


def _needed(elf: ELFFile) -> Iterator[str]:
    for section in elf.iter_sections():
        if isinstance(section, DynamicSection):
            for tag in section.iter_tags("DT_NEEDED"):
                yield str(getattr(tag, "needed"))  # noqa: B009 - given to tags of this kind when they are made
