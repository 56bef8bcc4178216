"""What is checked of an upload before anything is kept: options, webhook URL, the CSV itself, the day's quota."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from functions.api.http import ApiError, Code
from functions.api.keys import Caller
from functions.core.catalogue import InvalidCsvError, Survey, survey, survey_sheet
from functions.core.csv import Sheet
from functions.core.options import CsvOptions, Mode, Options
from functions.core.quota import day_of
from functions.core.uploads import Wishes, WishReader


class Workbooks(Protocol):
    """Reads a sheet of a workbook. Raises InvalidCsvError."""

    def sheet(self, content: bytes, options: CsvOptions) -> Sheet: ...


class Quota(Protocol):
    """How many images an owner has started on a day."""

    def images_of_day(self, owner: str, day: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Checks:
    """`daily_images` is what an owner may start a day, 0 for any number."""

    wish_reader: WishReader
    workbooks: Workbooks
    quota: Quota
    clock: Callable[[], float]
    daily_images: int

    def wishes(self, caller: Caller, fields: Mapping[str, str]) -> Wishes:
        """From fields by name. Raises ApiError 400 with all that is wrong."""
        wishes, errors = self.wish_reader.read(caller.owner, fields)
        if errors:
            detail = "; ".join(f"{error.name}: {error.message}" for error in errors)
            raise ApiError(Code.INVALID_OPTIONS, detail, [asdict(error) for error in errors])
        return wishes

    def csv(self, content: bytes, options: Options) -> Survey:
        """What the CSV holds. Raises ApiError 400 for one that would only fail later."""
        try:
            found = survey(lambda offset: [content[offset:]], options.csv)
        except InvalidCsvError as error:
            raise _bad_csv(error) from error
        return _usable(found, options)

    def sheet(self, content: bytes, options: Options) -> tuple[Sheet, Survey]:
        """A sheet of a workbook as CSV, and what it holds. Raises ApiError 400, as for a CSV."""
        try:
            sheet = self.workbooks.sheet(content, options.csv)
            found = survey_sheet(sheet, options.csv)
        except InvalidCsvError as error:
            raise _bad_csv(error, "workbook") from error
        return sheet, _usable(found, options, "workbook")

    def room_for(self, caller: Caller, images: int) -> None:
        """Raises ApiError 429 when the day's quota is used up. Ingest makes the real charge later."""
        if not self.daily_images:
            return
        now = datetime.fromtimestamp(self.clock(), UTC)
        used = self.quota.images_of_day(caller.owner, day_of(self.clock()))
        if used + images > self.daily_images:
            tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            raise ApiError(
                Code.QUOTA_EXCEEDED,
                f"{used:,} of {self.daily_images:,} images of the day are used; this CSV has {images:,}",
                headers={"Retry-After": str(int((tomorrow - now).total_seconds()) + 1)},
            )


def _usable(found: Survey, options: Options, kind: str = "CSV") -> Survey:
    is_strict = options.csv.mode is Mode.STRICT
    if found.is_too_large or (found.errors_total and (is_strict or not found.good_rows)):
        raise _bad_csv(InvalidCsvError(list(found.errors), found.errors_total), kind)
    return found


def _bad_csv(error: InvalidCsvError, kind: str = "CSV") -> ApiError:
    """The messages of a workbook's errors say where they are; those of a CSV have their lines beside them."""
    first, total = error.errors[0], error.errors_total
    more = f" (and {total - 1:,} more)" if total > 1 else ""
    where = f"line {first.line}: " if kind == "CSV" else ""
    detail = f"the {kind} cannot be used: {where}{first.message}{more}"
    return ApiError(Code.INVALID_CSV, detail, [each.to_json() for each in error.errors], errors_total=total)
