"""`make release`: whether this commit can be tagged as the version that it says it is."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from functions.core import __version__

ROOT = Path(__file__).parents[1]
CHANGELOG = ROOT / "CHANGELOG.md"
FROZEN = ROOT / "tests" / "releases"
HEADING = re.compile(
    r"^## \[(?P<version>[^\]]+)\](?: - (?P<day>\S+))?\n(?P<text>.*?)(?=^## |^\[|\Z)", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Candidate:
    """What is looked at: the version, the changelog, the tags, the versions that are frozen, what is not committed."""

    version: str
    today: date
    changelog: str
    tags: frozenset[str]
    frozen: frozenset[str]
    uncommitted: tuple[str, ...]

    @property
    def tag(self) -> str:
        return f"v{self.version}"

    def problems(self) -> Iterator[str]:
        """What keeps it from being a release, each in a sentence that says what to do."""
        if not re.fullmatch(r"\d+\.\d+\.\d+", self.version):
            yield f"{self.version} is no version such as 1.2.3: mend functions/core/__init__.py"
        if self.tag in self.tags:
            yield f"the tag {self.tag} is there already: raise functions/core/__init__.py"
        if self.version not in self.frozen:
            freeze = f"python -m tests.releases.freeze {self.version}"
            yield f"tests/releases/{self.version}.json is not there: say `{freeze}`, and commit it"
        yield from self._problems_of_the_changelog()
        yield from (f"{file} is not committed" for file in self.uncommitted)

    def _problems_of_the_changelog(self) -> Iterator[str]:
        entries = {entry["version"]: entry for entry in HEADING.finditer(self.changelog)}
        entry = entries.get(self.version)
        if entry is None:
            yield f"CHANGELOG.md has no heading `## [{self.version}] - {self.today}`"
            return
        if entry["day"] != str(self.today):
            yield f"CHANGELOG.md dates {self.version} {entry['day']}, and today is {self.today}"
        if "\n- " not in entry["text"]:
            yield f"CHANGELOG.md does not say what {self.version} changes"
        unreleased = entries.get("Unreleased")
        if unreleased and "\n- " in unreleased["text"]:
            yield f"CHANGELOG.md has entries under Unreleased: move them to {self.version}"


def looked_at() -> Candidate:
    """The working tree as it is."""
    return Candidate(
        __version__,
        datetime.now(UTC).date(),
        CHANGELOG.read_text(),
        frozenset(_git("tag", "--list").split()),
        frozenset(file.stem for file in FROZEN.glob("*.json")),
        tuple(line[3:] for line in _git("status", "--porcelain").splitlines()),
    )


def main() -> int:
    """Print what is wrong, or the commands that make the release; the exit status."""
    candidate = looked_at()
    problems = list(candidate.problems())
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return 1
    print(f"{candidate.version} is ready. Once `make test` and `make slow` pass:\n")
    print(f"  git tag -a {candidate.tag} -m 'Imagepress {candidate.version}'\n  git push origin {candidate.tag}")
    return 0


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]  # whichever git the release's maker has
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
