"""Renditions as people ask for them: text, JSON, presets; and what is said of what they cannot be."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.options import Fit, InvalidOptionsError, Options, Rendition, parse_options, parse_presets
from functions.core.options.renditions import MAX_RENDITIONS, parse_renditions

FOUR = "thumb=320x320,pad,webp; listing=800x,webp; zoom=2000x2000,auto,q70; amazon=2000x2000,pad,white,jpeg"


def refused(text: str, **more: str) -> str:
    with pytest.raises(InvalidOptionsError) as caught:
        parse_options({"renditions": text, **more})
    return str(caught.value)


def test_four_renditions_are_read_from_one_line() -> None:
    assert parse_renditions(FOUR) == (
        Rendition("thumb", 320, 320, Fit.PAD, "webp"),
        Rendition("listing", 800, None, Fit.MAX, "webp"),
        Rendition("zoom", 2000, 2000, Fit.MAX, "auto", 70),
        Rendition("amazon", 2000, 2000, Fit.PAD, "jpeg", None, "#ffffff"),
    )


@pytest.mark.parametrize(
    "given_json",
    [
        '[{"name": "thumb", "width": 320, "height": 320, "fit": "pad", "format": "webp"}]',
        '{"thumb": "320x320,pad,webp"}',
    ],
)
def test_json_says_the_same(given_json: str) -> None:
    assert parse_renditions(given_json) == (Rendition("thumb", 320, 320, Fit.PAD, "webp"),)


names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True)
edges = st.integers(1, 4_000)
renditions = st.builds(
    Rendition,
    names,
    edges,
    st.none() | edges,
    st.sampled_from(Fit),
    st.sampled_from([None, "webp", "auto"]),
    st.none() | st.integers(1, 100),
).map(lambda each: each if each.fit is not Fit.PAD else Rendition(each.name, 100, 100, Fit.PAD, colour="#00ff00"))


@given(st.lists(renditions, min_size=1, max_size=MAX_RENDITIONS, unique_by=lambda each: each.name))
def test_what_is_stored_is_read_again(some: list[Rendition]) -> None:
    options = parse_options({"renditions": "; ".join(map(str, some))})
    assert Options.from_json(json.loads(json.dumps(options.to_json()))) == options
    assert options.image.made() == tuple(some)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("320x320", "no rendition: write name=size"),
        ("Süß=320x", "has no name"),
        ("thumb=", "has no size"),
        ("thumb=0x320", "edges are 1 to 16,383 pixels"),
        ("thumb=16384x", "edges are 1 to 16,383 pixels"),
        ("thumb=320x,stretch", "'stretch' is none of a size, max, cover, pad"),
        ("thumb=320x320,pad,mauve", "'mauve' is none of"),
        ("thumb=320x320,white", "a colour goes with pad"),
        ("thumb=320x,q0", "'q0' is none of"),
        ("thumb=16000x16000,pad", "a box has at most 25,000,000 pixels"),
        ("thumb=16000x,enlarge", "a box has at most 25,000,000 pixels"),
        ("a=1x; a=2x", "a is there twice"),
        ("; ".join(f"r{n}=1x" for n in range(9)), "1 to 8 renditions"),
        (" ; ", "1 to 8 renditions"),
        ("[1]", "an object with a name"),
        ("{", "the JSON cannot be read"),
        ('[{"name": "a", "size": 3}]', "'size' is none of name, width"),
    ],
)
def test_what_cannot_be_made_is_told_with_its_name(text: str, words: str) -> None:
    assert words in refused(text)


def test_what_is_wrong_comes_with_an_example() -> None:
    assert refused("thumb=0x0").endswith(
        "edges are 1 to 16,383 pixels; an example is thumb=320x320,pad,webp zoom=2000x"
    )


def test_a_blank_separates_as_well() -> None:
    """`curl -F` would end the value at a `;`."""
    assert parse_renditions(FOUR.replace("; ", " ")) == parse_renditions(FOUR)
    assert parse_renditions("a = 10x, webp\n b=20x , q70") == parse_renditions("a=10x,webp;b=20x,q70")
    assert "no rendition: write name=size" in refused("a b=10x")


def test_the_primary_one_is_the_first_or_the_one_that_is_named() -> None:
    assert parse_options({"renditions": FOUR}).image.primary_name == "thumb"
    assert parse_options({"renditions": FOUR, "primary": "Zoom"}).image.primary_name == "zoom"
    assert parse_options({}).image.primary_name is None
    assert "the renditions are thumb, listing, zoom, amazon" in refused(FOUR, primary="none")


def test_renditions_have_their_own_sizes() -> None:
    assert "leave max_width and max_height out" in refused("thumb=320x", max_width="800")


def test_a_rendition_takes_what_it_does_not_say_from_the_request() -> None:
    image = parse_options({"renditions": "a=10x; b=10x,q90,webp", "quality": "30", "format": "avif"}).image
    assert [(own.quality, own.format.value) for own in map(image.of, image.made())] == [(30, "avif"), (90, "webp")]


def test_a_deployment_names_sets_of_them() -> None:
    assert parse_presets(f"shop: {FOUR} | tiny: t=10x ") == {"shop": FOUR, "tiny": "t=10x"}
    assert parse_presets("") == {}


@pytest.mark.parametrize("text", ["shop", "shop: ", "Sh op: a=1x", "shop: a=1x,b"])
def test_a_set_that_is_none_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"preset|renditions|none of"):
        parse_presets(text)
