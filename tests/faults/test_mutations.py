"""`make mutate` knows of every condition there is, and of the code as it is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.simulator.mutate import ROOT, mutated
from tests.faults.simulator.mutations import MUTATIONS, Mutation

CONDITION = re.compile(r"attribute_(not_)?exists\(|(#\w+|\w+|size\(\w+\)) (=|<=|<|IN|<>) (:\w+|\()")
OTHER = re.compile(r"^,|SET |REMOVE |ADD |:pk|:shard|:owner|= :value")  # updates, and conditions of keys
DEFAULTS = "dynamodb.py"  # whose conditions are those of callers that name none


def conditions(file: Path) -> Iterator[str]:
    """The condition expressions in a file, or what is literal of them; no keys and no updates."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    tree = ast.parse(file.read_text())
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and text not in docs and CONDITION.search(text) and not OTHER.search(text):
            yield text


ADAPTERS = sorted(file for file in (ROOT / "functions/adapters").glob("*.py") if file.name != DEFAULTS)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.what)
def test_a_mutation_changes_code_that_there_is_and_names_a_test_that_there_is(mutation: Mutation) -> None:
    source = (ROOT / "functions" / mutation.file).read_text()
    compile(mutated(source, mutation), mutation.file, "exec")
    file, _, test = mutation.test.partition("::")
    assert f"def {test}(" in (ROOT / file).read_text() if test else (ROOT / file).exists()


@pytest.mark.parametrize("file", ADAPTERS, ids=lambda file: file.name)
def test_every_condition_of_an_adapter_is_taken_away_by_a_mutation(file: Path) -> None:
    changed = "\n".join(each.old for each in MUTATIONS if each.file == f"adapters/{file.name}")
    missing = [text for text in conditions(file) if text not in changed]
    assert missing == []
