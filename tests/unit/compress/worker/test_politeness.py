"""How a worker treats origins."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from functions.compress.worker.politeness import (
    LONGEST_PAUSE,
    MAX_HOSTS,
    MAX_PAUSE,
    USUAL_PAUSE,
    NoTurnError,
    PausedError,
    Politeness,
    host_of,
)
from functions.core.errors import ImageCode, OverloadedError, PermanentError, TransientError
from tests.fakes import Clock

URL, OTHER = "https://shop.example/1.jpg", "https://other.example/1.jpg"
CONNECTIONS = 4


@pytest.fixture
def clock() -> Clock:
    return Clock(0.0)


@pytest.fixture
def politeness(clock: Clock) -> Politeness:
    return Politeness(CONNECTIONS, clock)


def refused(politeness: Politeness, pause: float | None, url: str = URL) -> None:
    with pytest.raises(OverloadedError), politeness.turn(url, 10):
        raise OverloadedError(ImageCode.RATE_LIMITED, retry_after=pause)


def taken(politeness: Politeness, url: str = URL) -> int:
    """How many turns there are at a time."""
    with ExitStack() as stack:
        for number in range(CONNECTIONS + 1):
            try:
                stack.enter_context(politeness.turn(url, 0))
            except NoTurnError:
                return number
    return CONNECTIONS + 1


@contextmanager
def downloading(politeness: Politeness, times: int, url: str = URL) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(times):
            stack.enter_context(politeness.turn(url, 0))
        yield


def test_a_host_is_asked_for_so_many_at_a_time(politeness: Politeness) -> None:
    assert taken(politeness) == CONNECTIONS


def test_a_host_that_is_busy_holds_up_no_other(politeness: Politeness) -> None:
    with downloading(politeness, CONNECTIONS):
        assert taken(politeness, OTHER) == CONNECTIONS


def test_a_turn_ends_with_its_download(politeness: Politeness) -> None:
    with downloading(politeness, CONNECTIONS):
        pass
    assert taken(politeness) == CONNECTIONS


@pytest.mark.parametrize("error", [PermanentError(ImageCode.NOT_FOUND), TransientError(ImageCode.TIMEOUT), KeyError()])
def test_a_turn_ends_with_the_failure_of_its_download(politeness: Politeness, error: Exception) -> None:
    with pytest.raises(type(error)), politeness.turn(URL, 0):
        raise error
    assert taken(politeness) == CONNECTIONS


def test_who_waits_for_a_turn_has_it_once_another_ends(politeness: Politeness) -> None:
    had = threading.Event()

    def wait() -> None:
        with politeness.turn(URL, 60):
            had.set()

    waiting = threading.Thread(target=wait)
    with downloading(politeness, CONNECTIONS):
        waiting.start()
        assert not had.wait(0.05)
    waiting.join(10)
    assert had.is_set()


def test_nobody_is_asked_before_the_time_that_the_host_named(politeness: Politeness, clock: Clock) -> None:
    refused(politeness, 60)
    clock.now = 50
    with pytest.raises(PausedError) as raised, politeness.turn(URL, 30):
        pytest.fail("it was asked")
    assert raised.value.retry_after == 10


def test_another_host_is_asked_meanwhile(politeness: Politeness) -> None:
    refused(politeness, 60)
    assert taken(politeness, OTHER) == CONNECTIONS


def test_the_host_is_asked_again_after_the_time_that_it_named(politeness: Politeness, clock: Clock) -> None:
    refused(politeness, 60)
    clock.now = 60
    assert taken(politeness) == CONNECTIONS // 2


def test_a_host_that_names_no_time_rests_all_the_same(politeness: Politeness, clock: Clock) -> None:
    refused(politeness, None)
    clock.now = USUAL_PAUSE - MAX_PAUSE - 0.1
    with pytest.raises(PausedError), politeness.turn(URL, 30):
        pytest.fail("it was asked")


def test_a_host_cannot_ask_for_more_than_a_message_can_be_delayed(politeness: Politeness, clock: Clock) -> None:
    refused(politeness, 1e9)
    clock.now = LONGEST_PAUSE
    assert taken(politeness) > 0


def test_a_later_answer_does_not_shorten_the_pause(politeness: Politeness) -> None:
    def answered_late() -> None:
        with politeness.turn(URL, 0):
            refused(politeness, 60)
            raise OverloadedError(ImageCode.RATE_LIMITED, retry_after=1)

    with pytest.raises(OverloadedError):
        answered_late()
    with pytest.raises(PausedError) as raised, politeness.turn(URL, 30):
        pytest.fail("it was asked")
    assert raised.value.retry_after == 60


def test_a_short_pause_is_waited_for(politeness: Politeness, clock: Clock) -> None:
    refused(politeness, MAX_PAUSE / 20)
    timer = threading.Timer(0.02, lambda: setattr(clock, "now", MAX_PAUSE))
    timer.start()
    with politeness.turn(URL, 30):
        assert clock.now == MAX_PAUSE


def test_a_short_pause_that_there_is_no_time_for_is_not_waited_for(politeness: Politeness) -> None:
    refused(politeness, MAX_PAUSE / 2)
    with pytest.raises(PausedError), politeness.turn(URL, MAX_PAUSE / 4):
        pytest.fail("it was asked")


def test_who_comes_too_late_after_a_pause_has_no_turn(politeness: Politeness, clock: Clock) -> None:
    refused(politeness, 60)
    clock.now = 60.5
    with pytest.raises(NoTurnError), downloading(politeness, CONNECTIONS // 2), politeness.turn(URL, -1):
        pytest.fail("it was asked")


def test_each_answer_that_asks_for_less_halves_the_turns_down_to_one(politeness: Politeness, clock: Clock) -> None:
    found = []
    for _ in range(4):
        refused(politeness, 0)
        found.append(politeness._hosts["shop.example"].limit)
    assert found == [2, 1, 1, 1]


def test_each_download_that_ends_gives_a_turn_back(politeness: Politeness) -> None:
    refused(politeness, 0)
    refused(politeness, 0)
    for _ in range(2):
        with politeness.turn(URL, 0):
            pass
    assert taken(politeness) == 3


def test_a_pause_while_a_turn_is_waited_for_is_kept(politeness: Politeness) -> None:
    """Those that wait when the host asks for less are not let in by the download that just ended."""
    ended: list[Exception] = []

    def wait() -> None:
        try:
            with politeness.turn(URL, 60):
                pass
        except PausedError as error:
            ended.append(error)

    waiting = threading.Thread(target=wait)
    with downloading(politeness, CONNECTIONS - 1):
        refused(politeness, 0)  # half of the turns: all are taken
        waiting.start()
        waiting.join(0.05)
        with politeness._changed:
            politeness._hosts["shop.example"].limit = CONNECTIONS
        refused(politeness, 60)
    waiting.join(10)
    assert [error.retry_after for error in ended if isinstance(error, PausedError)] == [60]


def test_hosts_of_which_nothing_is_asked_are_forgotten(politeness: Politeness) -> None:
    refused(politeness, 60)
    for number in range(2 * MAX_HOSTS):
        with politeness.turn(f"https://{number}.example/1.jpg", 0):
            pass
    assert len(politeness._hosts) <= MAX_HOSTS
    assert "shop.example" in politeness._hosts


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Shop.Example:443/1.jpg", "shop.example"),
        ("http://shop.example/1.jpg", "shop.example"),
        ("https://[::1]/1.jpg", "::1"),
        ("https://[::1/1.jpg", "https://[::1/1.jpg"),
        ("nothing", "nothing"),
    ],
)
def test_a_host_is_who_the_url_names(url: str, host: str) -> None:
    assert host_of(url) == host
