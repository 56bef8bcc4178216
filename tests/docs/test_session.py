"""The player of pages sees what is wrong in them."""

from pathlib import Path

import pytest

from tests.docs.session import NotAsShownError, Step, Terminal, steps

ID, OTHER = "6a4c378f-2813-4971-a6c1-f62806f76c9d", "00000000-1111-2222-3333-444444444444"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path, {"http://localhost:8000": "http://localhost:4321", "localhost:8000": "localhost:4321"})


def test_commands_and_answers_are_told_apart_and_lines_joined() -> None:
    page = "```console\n$ one \\\n  more\nanswer\n\n$ two\n```\n\n```sh\n$ not run\n```\n\n```console\n$ three\n```\n"
    assert list(steps(page)) == [Step("one   more", "answer\n\n"), Step("two", ""), Step("three", "")]


def test_an_answer_is_compared_without_its_white_space(terminal: Terminal) -> None:
    terminal.play(Step("""echo '{"a":1,"b":[2]}' -X """, '{"a": 1,\n "b": [2]}\n-X'))


def test_another_answer_is_found(terminal: Terminal) -> None:
    with pytest.raises(NotAsShownError, match="what came\none"):
        terminal.play(Step("echo one # -X ", "two"))


def test_what_fails_shows_its_error(terminal: Terminal) -> None:
    with pytest.raises(NotAsShownError, match="no-such-command"):
        terminal.play(Step("no-such-command -X ", ""))


def test_dots_stand_for_anything(terminal: Terminal) -> None:
    assert terminal.is_as_shown('{"a": 1, ..., "z": 2}', '{"a":1,"b":{},"z":2}')
    assert not terminal.is_as_shown('{"a": 1, ..., "z": 2}', '{"a":1,"b":{},"z":3}')


def test_an_id_stands_for_the_one_that_came(terminal: Terminal) -> None:
    assert terminal.is_as_shown(f"new {ID}", f"new {OTHER}")
    assert terminal.here(f"status/{ID}") == f"status/{OTHER}"
    assert terminal.is_as_shown(f"again {ID}", f"again {OTHER}")
    assert not terminal.is_as_shown(f"again {ID}", f"again {ID}")


def test_an_id_that_an_answer_shows_twice_has_to_come_twice(terminal: Terminal) -> None:
    assert not terminal.is_as_shown(f"{ID} {ID}", f"{ID} {OTHER}")
    assert terminal.is_as_shown(f"{ID} {ID}", f"{OTHER} {OTHER}")


def test_times_are_times(terminal: Terminal) -> None:
    assert terminal.is_as_shown("at 2026-11-29T10:00:00.125Z.", "at 2027-01-01T00:00:00.5Z.")
    assert terminal.is_as_shown("2026-11-29 10:00 a.csv", "2027-01-01 00:00 a.csv")
    assert not terminal.is_as_shown("at 2026-11-29T10:00:00.125Z.", "at noon.")


def test_cat_writes_what_the_page_shows_with_the_addresses_of_this_run(terminal: Terminal) -> None:
    terminal.play(Step("cat a.csv", "url\nhttp://localhost:8000/a.jpg\n\n"))
    assert (terminal.folder / "a.csv").read_text() == "url\nhttp://localhost:4321/a.jpg\n"
    terminal.play(Step("cat a.csv", "url\nhttp://localhost:8000/a.jpg"))


def test_a_command_that_only_asks_is_repeated(terminal: Terminal) -> None:
    terminal.play(Step("echo x >> times; wc -l < times", "3"))


@pytest.mark.parametrize(
    "command", ["curl -F file=@a.csv x", "curl -X POST x", "curl -d '{}' x", "aws s3 cp a.csv s3://b/", "tee a"]
)
def test_a_command_that_changes_something_is_run_once(command: str) -> None:
    assert not Step(command, "").only_asks
