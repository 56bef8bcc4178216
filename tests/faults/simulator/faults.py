"""Which call fails, and how: decided by the seed and the call's own name, so that threads cannot change the outcome."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.fakes import KilledError
from tests.faults.simulator.table import MAX_BEHIND


class Kind(StrEnum):
    """What can happen to a call of AWS, and what the scheduler does to deliveries."""

    THROTTLED = "throttled"  # nothing was written, and the caller is told so
    CONFLICT = "conflict"  # another transaction was at the record
    LOST_ANSWER = "lost answer"  # it was written, and the caller sees a time-out
    RETRIED = "retried"  # it was written, and the client, which did not hear so, asked once more
    KILLED = "killed"  # it was written, and the process died
    REFUSED = "refused"  # a batch of messages was taken but for some
    CUT_SHORT = "cut short"  # a read answers some of what was asked for, and where to go on
    STALE = "stale"  # a read that did not ask for consistency, or one of an index, does not see what was written last
    DUPLICATE = "duplicate"
    LOST_RECORD = "lost record"
    REPLAY = "replay"
    NO_TIME = "no time"
    RECEIVER = "receiver"
    CANCEL = "cancel"
    MEANWHILE = "meanwhile"  # before it was made, another function ran
    WRONG_CLOCK = "wrong clock"  # that of the machine on which the function runs


MAX_SKEW = 600.0  # seconds by which a clock is wrong, either way
READ_FAULTS = (Kind.THROTTLED,)
LONG_READ_FAULTS = (*READ_FAULTS, Kind.CUT_SHORT, Kind.CUT_SHORT)
READS: Mapping[str, tuple[Kind, ...]] = {"query": LONG_READ_FAULTS, "batch_get_item": LONG_READ_FAULTS}
STALE_SHARE = 3.0  # of the rate
READ_SHARE = 0.25  # of the rate: there are many more reads, whose failures are all alike
WRITE_FAULTS = (Kind.THROTTLED, Kind.LOST_ANSWER, Kind.RETRIED, Kind.KILLED)
CONDITIONAL_FAULTS = (*WRITE_FAULTS, Kind.CONFLICT, Kind.MEANWHILE, Kind.MEANWHILE)
FAULTS: Mapping[str, tuple[Kind, ...]] = {
    "put_item": CONDITIONAL_FAULTS,
    "update_item": CONDITIONAL_FAULTS,
    "transact_write_items": (*CONDITIONAL_FAULTS, Kind.MEANWHILE, Kind.MEANWHILE),
    "put_object": (*WRITE_FAULTS, Kind.MEANWHILE),
    "upload_fileobj": (Kind.THROTTLED, Kind.LOST_ANSWER, Kind.KILLED, Kind.MEANWHILE),
    "send_message": WRITE_FAULTS,
    "send_message_batch": (*WRITE_FAULTS, Kind.REFUSED),
}  # every other call only reads, or may fail without a trace


@dataclass(frozen=True, slots=True)
class Scripted:
    """A fault that is to happen: to a call of a function (any, if empty), the `nth` that fits, counted from 1."""

    kind: Kind
    function: str = ""
    call: str = ""
    nth: int = 1
    times: int = 1

    def fits(self, function: str, call: str) -> bool:
        named = self.call in {"", call} and self.kind in FAULTS.get(call, _of_read(call) if self.call else ())
        return named and self.function in {"", function}


@dataclass
class Faults:
    """`rate` is how likely a call is to fail; `script` are faults that happen whatever the rate.

    With `always_lags` every read that need not be consistent is as far behind as can be.
    `skew` is how many seconds the clock of the function that runs is ahead, in all invocations if `has_wrong_clocks`.
    """

    seed: int
    rate: float = 0.0
    script: list[Scripted] = field(default_factory=list)
    counts: Counter[Kind] = field(default_factory=Counter)
    function: str = ""
    always_lags: bool = False
    meanwhile: Callable[[], object] = lambda: None
    has_wrong_clocks: bool = False
    skew: float = 0.0
    _invocation: int = 0
    _invocations: int = 0
    _seen: Counter[str] = field(default_factory=Counter)
    _matched: Counter[Scripted] = field(default_factory=Counter)

    @contextmanager
    def invocation(self, function: str) -> Iterator[None]:
        """A function is invoked, perhaps while another one is: the calls that follow are its own."""
        outer = self.function, self._invocation, self.skew
        self._invocations += 1
        self.function, self._invocation = function, self._invocations
        self.skew = self._drawn_skew()
        try:
            yield
        finally:
            self.function, self._invocation, self.skew = outer

    def of_call(self, call: str, key: str) -> Kind | None:
        """What happens to this call, if anything does."""
        kind = self._scripted(call) or self._drawn(call, key)
        if kind:
            self.counts[kind] += 1
        return kind

    def happens(self, kind: Kind, key: str, share: float = 1.0) -> bool:
        """Whether something of this kind happens now."""
        has_happened = self._draw(f"{kind} {key}").random() < self.rate * share
        self.counts[kind] += has_happened
        return has_happened

    def _drawn_skew(self) -> float:
        if self.happens(Kind.WRONG_CLOCK, "clock") or self.has_wrong_clocks:
            return self._draw("skew").uniform(-MAX_SKEW, MAX_SKEW)
        return 0.0

    def _scripted(self, call: str) -> Kind | None:
        for fault in self.script:
            if fault.fits(self.function, call):
                self._matched[fault] += 1
                if fault.nth <= self._matched[fault] < fault.nth + fault.times:
                    return fault.kind
        return None

    def _drawn(self, call: str, key: str) -> Kind | None:
        if not self.rate:
            return None
        draw = self._draw(f"{call} {key}")
        rate = self.rate if call in FAULTS else self.rate * READ_SHARE
        return draw.choice(FAULTS.get(call, _of_read(call))) if draw.random() < rate else None

    def behind(self, read: str) -> int:
        """How many invocations a read that need not be consistent is behind."""
        if self.always_lags:
            return MAX_BEHIND
        return self._draw(read).randint(1, MAX_BEHIND) if self.happens(Kind.STALE, read, STALE_SHARE) else 0

    def _draw(self, name: str) -> random.Random:
        place = f"{self.seed} {self._invocation} {name}"
        self._seen[place] += 1
        return random.Random(f"{place} {self._seen[place]}")  # noqa: S311 - a schedule, not a secret


@dataclass
class Faulty:
    """A client some of whose calls fail. `wrote` is told of every call that was made, before its answer is lost."""

    client: Any
    faults: Faults
    wrote: Callable[[str, Mapping[str, Any]], None] = lambda _call, _arguments: None

    def __getattr__(self, call: str) -> Callable[..., Any]:
        def made(*places: Any, **arguments: Any) -> Any:
            return self._call(call, places, arguments)

        return made

    def _call(self, call: str, places: tuple[Any, ...], arguments: dict[str, Any]) -> Any:
        kind = self.faults.of_call(call, _key_of(places, arguments))
        if kind in {Kind.THROTTLED, Kind.CONFLICT}:
            raise _refusal(call, kind)
        if kind is Kind.MEANWHILE:
            self.faults.meanwhile()
        if kind is Kind.REFUSED:
            return self._partly(call, arguments)
        if kind is Kind.CUT_SHORT:
            return self._cut_short(call, arguments)
        answer = self._made(call, places, arguments)
        if kind is Kind.RETRIED and call != "transact_write_items":  # whose token has the second one change nothing
            return self._made(call, places, arguments)
        if kind is Kind.LOST_ANSWER:
            raise ReadTimeoutError(endpoint_url=call)
        if kind is Kind.KILLED:
            raise KilledError(call)
        return answer

    def _made(self, call: str, places: tuple[Any, ...], arguments: dict[str, Any]) -> Any:
        behind = {"Behind": self.faults.behind(_key_of((), arguments))} if _may_lag(call, arguments) else {}
        answer = getattr(self.client, call)(*places, **arguments, **behind)
        self.wrote(call, arguments)
        return answer

    def _partly(self, call: str, arguments: dict[str, Any]) -> Any:
        taken, refused = arguments["Entries"][1::2], arguments["Entries"][::2]
        self._made(call, (), arguments | {"Entries": taken})
        return {"Failed": [{"Id": entry["Id"], "Code": "InternalError"} for entry in refused]}

    def _cut_short(self, call: str, arguments: dict[str, Any]) -> Any:
        if call == "query":
            return self._made(call, (), arguments | {"Limit": 1})
        ((name, asked),) = arguments["RequestItems"].items()
        first, rest = asked["Keys"][:1], asked["Keys"][1:]
        answer = self._made(call, (), {"RequestItems": {name: asked | {"Keys": first}}})
        return answer | {"UnprocessedKeys": {name: asked | {"Keys": rest}} if rest else {}}


def _may_lag(call: str, arguments: Mapping[str, Any]) -> bool:
    if call == "batch_get_item":
        return not all(asked.get("ConsistentRead") for asked in arguments["RequestItems"].values())
    return call in {"get_item", "query"} and not arguments.get("ConsistentRead")


def _of_read(call: str) -> tuple[Kind, ...]:
    return READS.get(call, READ_FAULTS)


def _key_of(places: tuple[Any, ...], arguments: Mapping[str, Any]) -> str:
    """What tells a call from others of its kind, and from none that is the same in another run of the seed."""
    named = {name: value for name, value in arguments.items() if name not in {"Body", "TableName"}}
    return json.dumps([places[1:], named], sort_keys=True, default=lambda other: type(other).__name__)


def _refusal(call: str, kind: Kind) -> ClientError:
    if kind is Kind.THROTTLED:
        return ClientError({"Error": {"Code": "ThrottlingException", "Message": "injected"}}, call)
    if call == "transact_write_items":
        answer: Any = {
            "Error": {"Code": "TransactionCanceledException", "Message": "injected"},
            "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}],
        }
        return ClientError(answer, call)
    return ClientError({"Error": {"Code": "TransactionConflictException", "Message": "injected"}}, call)
