"""The checker sees what people read, and nothing else."""

import pytest

from tests.docs.prose import findings, parsed, words

FINE = "After this page you can read on."


def of(text: str) -> list[str]:
    return list(findings(parsed(f"# A page\n\n{FINE}\n\n{text}\n")))


def test_a_page_with_short_sentences_has_no_findings() -> None:
    assert of("A short sentence stands here. Another one follows it.") == []


def test_a_sentence_ends_at_a_full_stop_before_a_capital_and_not_within_a_number() -> None:
    page = parsed("It takes 3.5 s at 1.2 GHz. The next one (see there.) Then the last!")
    assert page.sentences == ["It takes 3.5 s at 1.2 GHz.", "The next one (see there.", "Then the last!"]


def test_a_sentence_may_begin_with_code() -> None:
    assert len(parsed("The first one is here. `make run` is the second one.").sentences) == 2


def test_a_sentence_goes_on_over_lines_and_ends_with_its_list_item() -> None:
    page = parsed("- one two three\n  four five\n- six seven eight\n1. nine ten eleven\n")
    assert [words(sentence) for sentence in page.sentences] == [5, 3, 3]


def test_a_sentence_of_more_than_40_words_is_found() -> None:
    assert of("Word " * 40 + "end.")[0].startswith("a sentence of 41 words: 'Word Word")
    assert of("Word " * 39 + "end. Short ones come after it. And one more.") == []


def test_a_median_of_more_than_24_words_is_found() -> None:
    long = "Word " * 24 + "end. "
    assert of(long * 3) == ["the median sentence has 25.0 words, not 24 at the most"]


def test_a_cell_of_more_than_20_words_is_found() -> None:
    (found,) = of("| a | b |\n|---|---|\n| x | " + "word " * 21 + "|")
    assert found.startswith("a cell of 21 words: 'word word")
    assert of("| a | b |\n|---|---|\n| x | " + "word " * 20 + "|") == []


def test_a_bar_within_code_or_behind_a_backslash_divides_no_cells() -> None:
    page = parsed("| `a | b` | c \\| d |\n|---|---|\n")
    assert page.cells == ["CODE", "c \\| d"]


@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_code_is_not_read(fence: str) -> None:
    assert of(f"{fence}sh\n" + "word " * 60 + f"\n{fence}\n\n<!-- {'word ' * 60} -->") == []


def test_code_links_and_pictures_count_as_what_is_shown() -> None:
    page = parsed("Look [at this page](docs/a.md) and `a b c d`, then https://example.com/a ![a b c](x.png) there.")
    assert words(page.blocks[0]) == 9


def test_headings_are_no_sentences() -> None:
    assert parsed("## " + "word " * 60).sentences == []


def test_a_first_paragraph_that_promises_nothing_is_found() -> None:
    assert list(findings(parsed("# A page\n\nThis is about things.\n"))) == [
        "the first paragraph does not say what you can do after this page: 'This is about things.'"
    ]


def test_words_that_say_nothing_are_found_in_text_and_in_cells() -> None:
    assert of("It is Simply there for all.") == ["'simply' says nothing: 'It is Simply there for all.'"]
    assert of("| a |\n|---|\n| of course it is |") == ["'of course' says nothing: 'of course it is'"]
    assert of("Everything here is `very` good. A robustness test is no word of ours.") == []
