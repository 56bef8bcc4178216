"""Plays what a page shows: every `console` block is a terminal. Its commands are run, its answers are compared.

A line that begins with `$ ` is a command, which a backslash at its end continues. What follows is its answer: `...` in
it stands for anything, and white space does not count. What differs from run to run (ids, secrets, times) is bound: an
id that the page shows in an answer stands for the one that came, and later commands are given that. `cat` of a file
that is not there yet writes it as the page shows it. A command that only asks is repeated until its answer has come.
"""

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TIMEOUT = 60  # seconds in which an answer has to become what the page shows
PAUSE = 0.2

_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_TIMES = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?"
_BOUND = (UUID, r"(?<=/)\d+-[0-9a-f]{12}(?=/)", r"we_[0-9a-f]{16}", r"whsec_[\w+/=]+", r"evt_\w+", r"msg_\w+")
_SPECIAL = re.compile(rf"(?P<any>\.\.\.)|(?P<time>{_TIMES})|(?P<bound>{'|'.join(_BOUND)})")
_CHANGES = re.compile(r" -[FXdT] |--data|--metadata| s3 cp (?!s3:)|(?:^|\| *)(?:tee|python3?) ")
_CAT = re.compile(r"cat ([\w.-]+)")


class NotAsShownError(AssertionError):
    """A command answered something else than the page shows."""


@dataclass(frozen=True)
class Step:
    """One command of a page, and the answer that the page shows."""

    command: str
    answer: str

    @property
    def only_asks(self) -> bool:
        return _CHANGES.search(self.command) is None


@dataclass
class Terminal:
    """`addresses` are those on the page, and what they are here; `known` what the page's ids stand for."""

    folder: Path
    addresses: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)

    def play(self, step: Step) -> None:
        """Run the command. Raises NotAsShownError."""
        written = _CAT.fullmatch(step.command)
        if written and not (self.folder / written[1]).exists():
            (self.folder / written[1]).write_text(self.here(step.answer).rstrip("\n") + "\n")
            return
        deadline = time.monotonic() + TIMEOUT
        while not self.is_as_shown(step.answer, came := self.run(step.command)):
            if not step.only_asks or time.monotonic() > deadline:
                raise NotAsShownError(f"$ {step.command}\n--- the page shows\n{step.answer}\n--- what came\n{came}")
            time.sleep(PAUSE)

    def run(self, command: str) -> str:
        """What a command prints, with the page's addresses."""
        ran = subprocess.run(
            ["/usr/bin/env", "bash", "-c", self.here(command)],
            cwd=self.folder,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        printed = ran.stdout + ran.stderr
        for shown, actual in self.addresses.items():
            printed = printed.replace(actual, shown)
        return printed

    def here(self, text: str) -> str:
        """A piece of the page with the addresses and ids of this run."""
        for shown, actual in {**self.addresses, **self.known}.items():
            text = text.replace(shown, actual)
        return text

    def is_as_shown(self, answer: str, came: str) -> bool:
        """Whether the answer came; what it shows of ids is known from then on."""
        names: dict[str, str] = {}
        found = re.fullmatch(self._pattern(answer, names), _without_space(came), re.DOTALL)
        if found:
            self.known |= {shown: found[name] for shown, name in names.items()}
        return found is not None

    def _pattern(self, answer: str, names: dict[str, str]) -> str:
        """The regular expression of an answer; `names` gets the group of each id that is not known."""
        pattern, at = "", 0
        for special in _SPECIAL.finditer(answer):
            pattern += re.escape(_without_space(answer[at : special.start()]))
            pattern += self._special(special, names)
            at = special.end()
        return pattern + re.escape(_without_space(answer[at:]))

    def _special(self, special: re.Match[str], names: dict[str, str]) -> str:
        shown = special[0]
        if special["any"]:
            return ".*?"
        if special["time"]:
            return _TIMES.replace("[T ]", "T?")
        if shown in self.known:
            return re.escape(self.known[shown])
        if shown in names:
            return f"(?P={names[shown]})"
        names[shown] = f"id{len(names)}"
        kind = next(kind for kind in _BOUND if re.compile(kind).match(special.string, special.start()))
        return f"(?P<{names[shown]}>{kind})"


def steps(markdown: str) -> Iterator[Step]:
    """The commands of a page, in order."""
    for block in _BLOCK.findall(markdown):
        command, answer = "", ""
        for line in block.replace("\\\n", "").splitlines():
            if line.startswith("$ "):
                if command:
                    yield Step(command, answer)
                command, answer = line.removeprefix("$ "), ""
            else:
                answer += line + "\n"
        if command:
            yield Step(command, answer)


def _without_space(text: str) -> str:
    return re.sub(r"\s+", "", text)
