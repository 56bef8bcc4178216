"""How many images each owner has started on a day."""

from dataclasses import dataclass
from typing import Self

from functions.adapters.table.dynamodb import Change, Dynamo
from functions.core.quota import Charge, day_of

KEPT_SECONDS = 2 * 86_400  # after the last charge: the day is over by then, wherever one looks from


def day_key(owner: str, day: str) -> tuple[str, str]:
    """pk and sk of an owner's day."""
    return f"OWNER#{owner}", f"DAY#{day}"


def charging(charge: Charge, now: float) -> Change:
    """The update that charges an owner's day, refused when its limit would be passed."""
    room = charge.limit - charge.images
    first_of_day = "attribute_not_exists(#images) OR " if room >= 0 else ""
    values = {"images": charge.images, "room": room, "ttl": int(now) + KEPT_SECONDS}
    expression = "SET #ttl = :ttl ADD #images :images"
    return (*day_key(charge.owner, day_of(now)), expression, f"{first_of_day}#images <= :room", values)


@dataclass(frozen=True, slots=True)
class QuotaTable:
    """The owners' days in the table."""

    table: Dynamo

    @classmethod
    def connect(cls, name: str) -> Self:
        return cls(Dynamo.connect(name))

    def images_of_day(self, owner: str, day: str) -> int:
        """How many images the owner's requests started on a day (YYYY-MM-DD, UTC)."""
        record = self.table.get(*day_key(owner, day))
        return record["images"] if record else 0
