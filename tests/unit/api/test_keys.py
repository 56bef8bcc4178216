"""Who is calling."""

from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import pytest

from functions.api.http.problem import ApiError
from functions.api.keys import CACHE_SECONDS, LOCAL_OWNER, Caller, Keys
from tests.fakes import Clock


@dataclass
class KeyRecords:
    """The key records, and what was looked up."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    looked_up: list[tuple[str, str]] = field(default_factory=list)

    def add(self, key: str, owner: str, **more: object) -> None:
        self.records[f"KEY#{sha256(key.encode()).hexdigest()}"] = {"key_owner": owner, **more}

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        self.looked_up.append((pk, sk))
        return self.records.get(pk)


@pytest.fixture
def records() -> KeyRecords:
    made = KeyRecords()
    made.add("good", "acme")
    made.add("off", "acme", disabled=True)
    return made


def keys_of(records: KeyRecords, clock: Clock | None = None) -> Keys:
    return Keys(records, True, clock or Clock())


def refusal(records: KeyRecords, key: str | None) -> ApiError:
    with pytest.raises(ApiError) as caught:
        keys_of(records).caller(key)
    return caught.value


def test_a_key_tells_its_owner(records: KeyRecords) -> None:
    assert keys_of(records).caller("good") == Caller("acme")


@pytest.mark.parametrize(
    ("key", "code"), [(None, "missing_key"), ("", "missing_key"), ("bad", "invalid_key"), ("off", "disabled_key")]
)
def test_a_key_that_does_not_open_is_refused_with_its_code(records: KeyRecords, key: str | None, code: str) -> None:
    error = refusal(records, key)
    assert (error.status, error.code) == (HTTPStatus.UNAUTHORIZED, code)


def test_a_refusal_says_how_to_authenticate(records: KeyRecords) -> None:
    assert refusal(records, None).headers["WWW-Authenticate"] == "ApiKey"


def test_the_table_is_asked_for_a_digest_and_never_for_a_key(records: KeyRecords) -> None:
    keys_of(records).caller("good")
    assert records.looked_up == [(f"KEY#{sha256(b'good').hexdigest()}", "KEY")]


def test_a_key_is_remembered_for_a_while(records: KeyRecords) -> None:
    keys = keys_of(records)
    for _ in range(3):
        keys.caller("good")
    assert len(records.looked_up) == 1


def test_a_key_that_was_disabled_works_no_longer_than_it_is_remembered(records: KeyRecords) -> None:
    clock = Clock()
    keys = keys_of(records, clock)
    keys.caller("good")
    records.add("good", "acme", disabled=True)
    clock.now += CACHE_SECONDS
    with pytest.raises(ApiError, match="disabled"):
        keys.caller("good")


def test_a_key_that_was_rotated_works_until_its_time(records: KeyRecords) -> None:
    clock = Clock()
    keys = keys_of(records, clock)
    records.add("old", "acme", disabled_at=int(clock.now) + 30)
    assert keys.caller("old") == Caller("acme")
    clock.now += 30
    with pytest.raises(ApiError, match="disabled"):
        keys.caller("old")


def test_guessed_keys_do_not_fill_the_memory(records: KeyRecords) -> None:
    keys = keys_of(records)
    for guess in range(2_500):
        with pytest.raises(ApiError):
            keys.caller(f"guess {guess}")
    assert len(keys._cache) <= 1_000


def test_without_keys_everybody_is_the_local_owner(records: KeyRecords) -> None:
    assert Keys(records, False, Clock()).caller(None) == Caller(LOCAL_OWNER, sees_all=True)


def test_a_caller_may_see_only_what_is_the_owners() -> None:
    assert [Caller("acme").may_see(owner) for owner in ("acme", "other")] == [True, False]


def test_without_keys_a_caller_may_see_everything() -> None:
    assert Caller(LOCAL_OWNER, sees_all=True).may_see("other")
