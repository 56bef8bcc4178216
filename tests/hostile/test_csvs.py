"""Whatever a CSV holds: a precise error, or the right rows."""

from collections.abc import Iterable

import pytest

from functions.core.catalogue.products import Source, read_rows, survey
from functions.core.csv.errors import InvalidCsvError
from functions.core.options import CsvOptions
from tests.hostile.csv_files import CASES, Case


def source_of(content: bytes) -> Source:
    def source(offset: int) -> Iterable[bytes]:
        yield content[offset:]

    return source


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_csv_is_refused_by_its_code_or_has_the_right_rows(case: Case) -> None:
    source = source_of(case.content)
    if case.refused:
        with pytest.raises(InvalidCsvError) as refused:
            survey(source, CsvOptions())
        assert [each.code for each in refused.value.errors] == [case.refused]
        return
    seen = survey(source, CsvOptions())
    assert (seen.rows, seen.images, {error.code for error in seen.errors}, bool(seen.warnings)) == (
        case.rows,
        case.images,
        set(case.codes),
        case.warns,
    )
    assert len(list(read_rows(source, seen.layout))) == seen.rows
