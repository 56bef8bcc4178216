"""`make openapi`: docs/openapi.json and docs/postman_collection.json, from the routes; --check says what differs."""

import argparse
import json
import sys
from typing import Any

from functions.api.handler import app
from functions.api.http.openapi import document
from infra.local.deploy import ROOT
from infra.postman import collection


def main() -> int:
    """Write both files, or compare them; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.api_docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail where a file is not up to date")
    is_check = parser.parse_args().check
    found = document(app, "")
    stale = []
    for name, content in {"openapi.json": found, "postman_collection.json": collection(found)}.items():
        file = ROOT / "docs" / name
        text = _text(content)
        if is_check and (not file.exists() or file.read_text() != text):
            stale.append(name)
        elif not is_check:
            file.write_text(text)
    if stale:
        print(
            f"docs/{' and docs/'.join(stale)} not up to date: say `make openapi` and commit the result", file=sys.stderr
        )
    return 1 if stale else 0


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
