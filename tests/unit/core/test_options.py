"""What an uploader can ask for."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.options import (
    ENCODED_FORMATS,
    ENCODINGS,
    MAX_EDGE,
    CsvOptions,
    Effort,
    Format,
    ImageOptions,
    InvalidOptionsError,
    KeptMetadata,
    Mode,
    Options,
    Output,
    parse_options,
)

edges = st.none() | st.integers(1, MAX_EDGE)
names = st.text(min_size=1, max_size=20)
image_options = st.builds(
    ImageOptions,
    st.integers(1, 100),
    st.sampled_from(Format),
    edges,
    edges,
    st.lists(st.sampled_from(ENCODED_FORMATS), unique=True).map(tuple),
    st.sampled_from(Effort),
    st.sampled_from(KeptMetadata),
)
options = st.builds(
    Options,
    image_options,
    st.builds(
        CsvOptions,
        st.sampled_from(Mode),
        st.sampled_from(Output),
        st.booleans(),
        st.lists(names, max_size=3).map(tuple),
        st.none() | names,
        st.none() | st.sampled_from(ENCODINGS),
    ),
)


def refusals(**given: str) -> list[str]:
    with pytest.raises(InvalidOptionsError) as caught:
        parse_options(given)
    return [error.name for error in caught.value.errors]


@given(options)
def test_options_survive_being_sent(sent: Options) -> None:
    assert Options.from_json(json.loads(json.dumps(sent.to_json()))) == sent


def test_options_at_their_defaults_take_no_room() -> None:
    assert Options().to_json() == {}


def test_nothing_given_is_the_default() -> None:
    assert parse_options({}) == Options()


def test_the_default_quality_is_that_of_the_older_services() -> None:
    assert parse_options({}).image.quality == 50


def test_every_option_is_parsed() -> None:
    given_options = {
        "quality": "70",
        "format": "WebP",
        "max_width": "800",
        "max_height": " 600 ",
        "mode": "lenient",
        "output": "replace",
        "formula_safe": "TRUE",
        "url_columns": "Front, Back,",
        "name_column": "Title",
        "encoding": "Windows-1252",
    }
    assert parse_options(given_options) == Options(
        ImageOptions(70, Format.WEBP, 800, 600),
        CsvOptions(Mode.LENIENT, Output.REPLACE, True, ("Front", "Back"), "Title", "windows-1252"),
    )


@pytest.mark.parametrize("text", ["webp,jpeg", " JPEG , WebP,", "jpeg,webp,jpeg"])
def test_formats_are_a_choice_in_whichever_order(text: str) -> None:
    image = parse_options({"format": "auto", "formats": text, "effort": "Small"}).image
    assert (image.format, image.formats, image.effort) == (Format.AUTO, (Format.JPEG, Format.WEBP), Effort.SMALL)


@pytest.mark.parametrize("other", [{}, {"format": "webp"}])
def test_formats_without_auto_would_mean_nothing(other: dict[str, str]) -> None:
    assert refusals(formats="webp,jpeg", **other) == ["formats"]


@pytest.mark.parametrize("text", ["webp,tiff", "auto", "keep", "webp;jpeg", ","])
def test_a_format_that_cannot_be_chosen_is_refused_with_those_that_can(text: str) -> None:
    with pytest.raises(InvalidOptionsError, match="jpeg, png, webp, avif"):
        parse_options({"format": "auto", "formats": text})


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_text_is_the_default(text: str) -> None:
    assert parse_options({"quality": text, "max_width": text}) == Options()


def test_drops_have_another_default_mode() -> None:
    assert parse_options({}, default_mode=Mode.LENIENT).csv.mode is Mode.LENIENT


def test_a_mode_that_is_given_counts_more_than_the_default() -> None:
    assert parse_options({"mode": "strict"}, default_mode=Mode.LENIENT).csv.mode is Mode.STRICT


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("quality", "0"),
        ("quality", "101"),
        ("quality", "-1"),
        ("quality", "5.5"),
        ("quality", "\u0665"),  # an Arabic five
        ("quality", "1_0"),
        ("quality", "9" * 5000),
        ("max_width", "0"),
        ("max_width", "16384"),
        ("max_height", "wide"),
        ("format", "bmp"),
        ("effort", "huge"),
        ("keep_metadata", "all"),
        ("mode", "loose"),
        ("output", "delete"),
        ("formula_safe", "yes"),
        ("encoding", "rot13"),
        ("url_columns", "a," * 501),
        ("name_column", "a" * 1_001),
        ("colour", "red"),
    ],
)
def test_an_option_that_cannot_be_taken_is_named(name: str, text: str) -> None:
    assert refusals(**{name: text}) == [name]


def test_all_options_that_cannot_be_taken_are_named_at_once() -> None:
    assert refusals(quality="0", format="bmp", colour="red") == ["quality", "format", "colour"]


@pytest.mark.parametrize("text", ["1", "100"])
def test_the_limits_of_quality_can_be_taken(text: str) -> None:
    assert parse_options({"quality": text}).image.quality == int(text)


def test_the_longest_edge_can_be_taken() -> None:
    assert parse_options({"max_width": str(MAX_EDGE)}).image.max_width == MAX_EDGE


def test_the_longest_names_of_columns_can_be_taken() -> None:
    found = parse_options({"url_columns": "a," * 499 + "bc", "name_column": "ü" * 1_000}).csv
    assert (len(found.url_columns), len(found.name_column or "")) == (500, 1_000)


def test_a_refusal_does_not_repeat_all_of_a_long_text() -> None:
    with pytest.raises(InvalidOptionsError) as caught:
        parse_options({"quality": "x" * 10_000})
    assert len(str(caught.value)) < 300


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=5))
def test_whatever_is_given_is_parsed_or_refused_by_name(given_options: dict[str, str]) -> None:
    refused: set[str] = set()
    try:
        parse_options(given_options)
    except InvalidOptionsError as error:
        refused = {wrong.name for wrong in error.errors}
    assert refused <= set(given_options)
