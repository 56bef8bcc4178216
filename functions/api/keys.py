"""Who is calling: the owner of the API key, found by the key's SHA-256 so that the table holds no key."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

from functions.api.http import ApiError, Code

LOCAL_OWNER = "local"  # of everything when keys are off
CACHE_SECONDS = 60.0  # for which a key that was disabled may still work
CACHED_KEYS = 1_000


class KeyRecords(Protocol):
    """Key records (`key_owner`, `disabled`, `disabled_at` in epoch seconds) by pk and sk."""

    def get(self, pk: str, sk: str) -> dict[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. Without an owner keys are off, and the caller sees everything."""

    owner: str
    sees_all: bool = False

    def may_see(self, owner: str) -> bool:
        """Whether the caller may see what belongs to this owner."""
        return self.sees_all or owner == self.owner


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the table, each remembered for CACHE_SECONDS."""

    records: KeyRecords
    required: bool
    clock: Callable[[], float]
    _cache: dict[str, tuple[float, dict[str, Any] | None]] = field(default_factory=dict)

    def caller(self, key: str | None) -> Caller:
        """Whose key this is. Raises ApiError 401 with missing_key, invalid_key or disabled_key."""
        if not self.required:
            return Caller(LOCAL_OWNER, sees_all=True)
        if not key:
            raise _refusal(Code.MISSING_KEY, "an API key is required in the header X-API-Key")
        record = self._record(sha256(key.encode()).hexdigest())
        if record is None:
            raise _refusal(Code.INVALID_KEY, "the API key is not valid")
        if record.get("disabled") or self.clock() >= record.get("disabled_at", math.inf):
            raise _refusal(Code.DISABLED_KEY, "the API key is disabled")
        return Caller(record["key_owner"])

    def _record(self, digest: str) -> dict[str, Any] | None:
        until, record = self._cache.get(digest, (0.0, None))
        if self.clock() >= until:
            record = self.records.get(f"KEY#{digest}", "KEY")
            if len(self._cache) >= CACHED_KEYS:
                self._cache.clear()
            self._cache[digest] = (self.clock() + CACHE_SECONDS, record)
        return record


def _refusal(code: Code, detail: str) -> ApiError:
    return ApiError(code, detail, headers={"WWW-Authenticate": "ApiKey"})
