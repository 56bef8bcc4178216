"""The plan: parts, chunks, and the number of each image."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.catalogue.plan import (
    MAX_PART_BYTES,
    MAX_PART_IMAGES,
    MAX_PART_ROWS,
    Cursor,
    PlannedImage,
    PlanPart,
    SeenUrls,
    next_part,
)
from functions.core.catalogue.products import Position, Row
from functions.core.csv.errors import RowError
from functions.core.model import CHUNK_SIZE

START = Cursor(Position(50, 2, 0))


def row(number: int, *columns: Sequence[str], cells: tuple[str, ...] = ("p",), errors: int = 0) -> Row:
    problems = tuple(RowError(number + 1, "Images", "not_a_url", "no URL", "ä") for _ in range(errors))
    end = Position(50 + 10 * number, number + 2, number)
    return Row(number + 1, number, cells, tuple(map(tuple, columns)), problems, end)


def rows(count: int, images_a_row: int = 1) -> list[Row]:
    """Every row has URLs of its own."""
    return [row(n, [f"https://x/{n}-{i}.jpg" for i in range(images_a_row)]) for n in range(1, count + 1)]


def planned(given_rows: Sequence[Row]) -> list[PlanPart]:
    """All parts of a CSV of these rows."""
    remaining, seen, parts = iter(given_rows), SeenUrls(), list[PlanPart]()
    while not parts or not parts[-1].is_last:
        parts.append(next_part(len(parts), parts[-1].end if parts else START, remaining, seen))
    return parts


def images_of(parts: Sequence[PlanPart]) -> list[list[int]]:
    """The numbers of the images of each row."""
    return [[image.n for column in each.images for image in column] for part in parts for each in part.rows]


def test_images_are_numbered_in_order_of_first_appearance() -> None:
    assert images_of(planned(rows(3, images_a_row=2))) == [[0, 1], [2, 3], [4, 5]]


def test_a_url_that_occurs_twice_has_one_number() -> None:
    twice = [row(1, ["https://x/a", "https://x/b"]), row(2, ["https://x/b"], ["https://x/a", "https://x/c"])]
    assert images_of(planned(twice)) == [[0, 1], [1, 0, 2]]


def test_a_url_that_occurs_twice_has_one_number_across_parts() -> None:
    again = [*rows(MAX_PART_ROWS), row(MAX_PART_ROWS + 1, ["https://x/new"], ["https://x/8-0.jpg"])]
    assert images_of(planned(again))[-1] == [MAX_PART_ROWS, 7]


def test_a_url_that_occurs_twice_names_the_chunk_of_its_first_part() -> None:
    again = [*rows(MAX_PART_ROWS), row(MAX_PART_ROWS + 1, ["https://x/8-0.jpg"])]
    assert planned(again)[-1].rows[0].images == ((PlannedImage(7, 0, "https://x/8-0.jpg"),),)


def test_images_of_earlier_parts_are_not_counted_again() -> None:
    again = [*rows(MAX_PART_ROWS), row(MAX_PART_ROWS + 1, ["https://x/8-0.jpg"])]
    assert planned(again)[-1].chunks() == []


def test_a_part_closes_at_its_rows() -> None:
    assert [len(part.rows) for part in planned(rows(MAX_PART_ROWS + 1))] == [MAX_PART_ROWS, 1]


def test_a_part_closes_at_its_new_images() -> None:
    parts = planned(rows(12, images_a_row=MAX_PART_IMAGES // 10))
    assert [len(part.new_images()) for part in parts] == [MAX_PART_IMAGES, MAX_PART_IMAGES // 5]


def test_images_that_were_seen_do_not_close_a_part() -> None:
    same = [row(n, ["https://x/a"] * MAX_PART_IMAGES) for n in range(1, 4)]
    assert len(planned(same)) == 1


def test_a_part_closes_at_its_bytes() -> None:
    large = [row(n, [], cells=("x" * (MAX_PART_BYTES // 2),)) for n in range(1, 4)]
    assert [len(part.rows) for part in planned(large)] == [2, 1]


def test_a_row_over_a_limit_is_still_one_part() -> None:
    large = [row(1, [], cells=("x" * (2 * MAX_PART_BYTES),)), row(2, [])]
    assert [len(part.rows) for part in planned(large)] == [1, 1]


def test_a_csv_that_ends_where_a_part_closes_has_an_empty_last_part() -> None:
    assert [len(part.rows) for part in planned(rows(MAX_PART_ROWS))] == [MAX_PART_ROWS, 0]


def test_only_the_last_part_is_the_last() -> None:
    assert [part.is_last for part in planned(rows(2 * MAX_PART_ROWS + 1))] == [False, False, True]


def test_a_part_begins_where_the_one_before_ends() -> None:
    parts = planned(rows(2 * MAX_PART_ROWS + 1))
    assert all(earlier.end == later.start for earlier, later in pairwise(parts))


def test_a_part_ends_where_its_last_row_does() -> None:
    given_rows = rows(3)
    assert planned(given_rows)[0].end.position == given_rows[-1].end


def test_an_empty_part_ends_where_it_begins() -> None:
    assert planned([])[0].end == START


@pytest.mark.parametrize(
    ("images", "sizes"),
    [
        (0, []),
        (1, [1]),
        (CHUNK_SIZE, [CHUNK_SIZE]),
        (CHUNK_SIZE + 1, [CHUNK_SIZE, 1]),
        (2 * CHUNK_SIZE, [CHUNK_SIZE, CHUNK_SIZE]),
    ],
)
def test_chunks_have_so_many_images(images: int, sizes: list[int]) -> None:
    (part,) = planned(rows(1, images_a_row=images))
    assert [len(chunk.images) for chunk in part.chunks()] == sizes


def test_chunks_never_span_parts() -> None:
    """The first part closes with a chunk half full; the second begins a chunk of its own."""
    parts = planned(rows(MAX_PART_ROWS + 10, images_a_row=1))
    halves = planned([*rows(MAX_PART_ROWS - 1), row(MAX_PART_ROWS, []), row(MAX_PART_ROWS + 1, ["https://x/new"])])
    assert [chunk.number for chunk in parts[1].chunks()] == [5]
    assert [(chunk.number, len(chunk.images)) for part in halves for chunk in part.chunks()] == [
        (0, 200), (1, 200), (2, 200), (3, 200), (4, 199), (5, 1),
    ]  # fmt: skip


def test_every_image_names_the_chunk_that_it_is_in() -> None:
    for part in planned(rows(MAX_PART_ROWS + 300)):
        assert all(image.chunk == chunk.number for chunk in part.chunks() for image in chunk.images)


def test_the_end_of_the_last_part_tells_how_many_chunks_there_are() -> None:
    parts = planned(rows(MAX_PART_ROWS + 300))
    assert parts[-1].end.chunk == sum(len(part.chunks()) for part in parts)


def test_a_part_survives_being_stored() -> None:
    part = planned([row(1, ["https://x/ä"], cells=('Schuh "a"\n\'', "\U0001f45e")), row(2, [], errors=2)])[0]
    assert PlanPart.from_bytes(part.to_bytes()) == part


def test_the_same_part_has_the_same_bytes() -> None:
    assert planned(rows(50))[0].to_bytes() == planned(rows(50))[0].to_bytes()


def test_a_part_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 2, 1 expected"):
        PlanPart.from_bytes(gzip.compress(b'{"v":2}'))


def test_urls_that_are_forgotten_are_not_found() -> None:
    seen, image = SeenUrls(), PlannedImage(3, 0, "https://x/a")
    seen.add(image)
    seen.forget([image])
    assert (seen.find(image.url), len(seen)) == (None, 0)


def test_the_largest_number_and_chunk_are_remembered() -> None:
    seen, image = SeenUrls(), PlannedImage(999_999, 999_999, "https://x/a")
    seen.add(image)
    assert seen.find(image.url) == image


catalogues = st.lists(st.lists(st.sampled_from([f"https://x/{n}" for n in range(30)]), max_size=8), max_size=40)


def cut_at(given_rows: Sequence[Row], cuts: Sequence[int]) -> list[PlanPart]:
    """The parts of runs that were continued after these rows; each run rebuilds what was seen from the parts."""
    parts: list[PlanPart] = []
    ends = [*sorted(set(cuts)), len(given_rows)]
    for first, last in pairwise([0, *ends]):
        seen = SeenUrls()
        for image in (image for part in parts for image in part.new_images()):
            seen.add(image)
        part = next_part(len(parts), parts[-1].end if parts else START, iter(given_rows[first:last]), seen)
        parts.append(replace(part, is_last=last == len(given_rows)))
    return parts


def numbered(parts: Sequence[PlanPart]) -> Iterator[tuple[str, int]]:
    for part in parts:
        yield from ((image.url, image.n) for each in part.rows for column in each.images for image in column)


@given(catalogues, st.lists(st.integers(1, 39), max_size=4))
def test_numbers_do_not_depend_on_where_parts_are_cut(catalogue: list[list[str]], cuts: list[int]) -> None:
    given_rows = [row(n, urls) for n, urls in enumerate(catalogue, 1)]
    in_parts = cut_at(given_rows, [cut for cut in cuts if cut < len(given_rows)])
    assert list(numbered(in_parts)) == list(numbered(planned(given_rows)))


@given(catalogues)
def test_every_distinct_url_is_in_exactly_one_chunk(catalogue: list[list[str]]) -> None:
    parts = planned([row(n, urls) for n, urls in enumerate(catalogue, 1)])
    images = [image.url for part in parts for chunk in part.chunks() for image in chunk.images]
    assert sorted(images) == sorted({url for urls in catalogue for url in urls})
