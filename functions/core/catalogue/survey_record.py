"""What is kept of the first pass over a CSV: how it is laid out, what it holds, what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from functions.core.catalogue.products import Survey
from functions.core.csv import Layout, RowError


@dataclass(frozen=True, slots=True)
class SurveyRecord:
    """A survey as it is stored; `layout` is None of a file that was refused before anything was found in it."""

    layout: Layout | None
    rows: int = 0
    good_rows: int = 0
    images: int = 0
    errors: tuple[RowError, ...] = ()
    errors_total: int = 0
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: Survey) -> Self:
        """The record of a survey."""
        return cls(
            layout=found.layout,
            rows=found.rows,
            good_rows=found.good_rows,
            images=found.images,
            errors=found.errors,
            errors_total=found.errors_total,
            warnings=found.warnings,
        )

    @classmethod
    def refused(cls, errors: Sequence[RowError], errors_total: int) -> Self:
        """The record of a CSV in which nothing was found: only its first errors, and how many there are."""
        return cls(layout=None, errors=tuple(errors), errors_total=errors_total)

    def to_json(self) -> dict[str, Any]:
        """By name, in JSON's own types."""
        return {
            "layout": self.layout.to_json() if self.layout else None,
            "rows": self.rows,
            "good_rows": self.good_rows,
            "images": self.images,
            "errors": [error.to_json() for error in self.errors],
            "errors_total": self.errors_total,
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_json(cls, flat: dict[str, Any]) -> Self:
        return cls(
            layout=Layout.from_json(flat["layout"]) if flat["layout"] else None,
            rows=flat["rows"],
            good_rows=flat["good_rows"],
            images=flat["images"],
            errors=tuple(RowError.from_json(error) for error in flat["errors"]),
            errors_total=flat["errors_total"],
            warnings=tuple(flat["warnings"]),
        )
