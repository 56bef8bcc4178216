"""What a browser is told about an answer."""

import pytest

from functions.api.http.security_headers import FOR_ALL, with_security_headers


def test_every_answer_says_what_a_browser_may_do_with_it() -> None:
    assert with_security_headers({"statusCode": 200, "body": "{}"}, is_https=False) == {
        "statusCode": 200,
        "body": "{}",
        "headers": FOR_ALL,
    }


@pytest.mark.parametrize("name", ["Content-Security-Policy", "content-security-policy"])
def test_a_call_that_says_so_itself_is_not_contradicted(name: str) -> None:
    headers = with_security_headers({"headers": {name: "default-src 'self'"}}, is_https=False)["headers"]
    assert [text for key, text in headers.items() if key.lower() == name.lower()] == ["default-src 'self'"]


def test_only_where_there_is_https_browsers_are_held_to_it() -> None:
    assert "Strict-Transport-Security" in with_security_headers({"headers": None}, is_https=True)["headers"]
    assert "Strict-Transport-Security" not in with_security_headers({"headers": None}, is_https=False)["headers"]
