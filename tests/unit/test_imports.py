"""Who may import whom, and what each function may load: imports are a budget."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from infra.bench.cold import BUILDERS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "functions"
FUNCTIONS = ("api", "ingest", "compress", "tally", "finalize", "notify", "recover")
WAYS_OUT = {"boto3", "botocore", "urllib3", "requests"}
MAX_HANDLER_LINES = 15
ROOMS = {  # each with its front door in __init__.py; adapters have none, since each brings libraries of its own
    "core": ("csv", "catalogue", "options", "uploads", "webhooks", "network"),
    "api": ("http", "uploads", "requests", "webhooks"),
    "compress": ("codec", "worker"),
}
MAX_MODULES = 13  # in a folder, __init__ aside

MODULES = sorted(path for path in PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(tree: ast.AST) -> Iterator[str]:
    """The full names of all modules that are imported, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a name comes from"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


IMPORTS = {name_of(path): set(imported(ast.parse(path.read_text()))) for path in MODULES}


def modules(*packages: str) -> list[str]:
    prefixes = tuple(f"functions.{package}" for package in packages)
    return [name for name in IMPORTS if name.startswith(prefixes)]


def packages_of_project(module: str) -> set[str]:
    """The packages under functions/ that a module imports from."""
    return {name.split(".")[1] for name in IMPORTS[module] if name.startswith("functions.")}


def third_parties(module: str) -> set[str]:
    roots = {name.partition(".")[0] for name in IMPORTS[module]}
    return roots - set(sys.stdlib_module_names) - {"functions"}


def test_every_function_is_looked_at() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert packages == {*FUNCTIONS, "core", "adapters"}


@pytest.mark.parametrize("module", modules("core"))
def test_core_imports_only_itself_and_the_standard_library(module: str) -> None:
    assert (packages_of_project(module) - {"core"}, third_parties(module)) == (set(), set())


@pytest.mark.parametrize("module", modules("core"))
def test_core_does_no_input_or_output(module: str) -> None:
    assert IMPORTS[module].isdisjoint({"os", "socket", "subprocess", "pathlib", "http.client", "tempfile", "shutil"})


@pytest.mark.parametrize("module", modules("adapters"))
def test_adapters_import_only_core_and_each_other(module: str) -> None:
    assert packages_of_project(module) <= {"core", "adapters"}


@pytest.mark.parametrize("module", [name for name in IMPORTS if name not in modules("adapters")])
def test_only_adapters_reach_out(module: str) -> None:
    assert third_parties(module).isdisjoint(WAYS_OUT)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_do_not_import_each_other(function: str) -> None:
    others = {package for module in modules(f"{function}.") for package in packages_of_project(module)}
    assert others <= {function, "core", "adapters"}


@pytest.mark.parametrize(
    "module",
    [
        name
        for name in modules(*(f"{function}." for function in FUNCTIONS))
        if name.split(".")[-1] not in {"handler", "wiring"}
    ],
)
def test_only_handlers_and_their_wiring_know_the_adapters(module: str) -> None:
    assert "adapters" not in packages_of_project(module)


@pytest.mark.parametrize("module", [name for name in IMPORTS if not name.endswith(".wiring")])
def test_only_the_wiring_reads_the_environment(module: str) -> None:
    assert not {name for name in IMPORTS[module] if name.startswith("os.env") or name == "os.getenv"}
    text = (ROOT / f"{module.replace('.', '/')}.py").read_text() if not is_package(module) else ""
    assert "os.environ" not in text
    assert "os.getenv" not in text


def is_package(module: str) -> bool:
    return (ROOT / module.replace(".", "/")).is_dir()


def test_only_the_codec_imports_pillow() -> None:
    codec = {name for name in IMPORTS if "PIL" in third_parties(name)}
    assert codec
    assert all(name.startswith("functions.compress.codec.") for name in codec)
    assert not {name for name in codec if ".formats." in name}, "the parsers of files see bytes only"


@pytest.mark.parametrize("room", [f"functions.{package}.{room}" for package, rooms in ROOMS.items() for room in rooms])
def test_a_room_has_one_front_door(room: str) -> None:
    doors = {f"{room}.{name}" for name in import_module(room).__all__}
    outside = [names for module, names in IMPORTS.items() if not module.startswith(f"{room}.") and module != room]
    behind = {name for names in outside for name in names if name.startswith(f"{room}.")}
    assert behind
    assert behind <= doors


def test_a_folder_has_no_more_modules_than_a_reader_takes_in() -> None:
    folders = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {folder.name: modules for folder, modules in folders.items() if modules > MAX_MODULES} == {}


def test_a_class_name_means_one_thing() -> None:
    """Ports aside: each service declares what it needs of a table or a queue."""
    classes = (node for path in MODULES for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef))
    names = [node.name for node in classes if "Protocol" not in {ast.unparse(base) for base in node.bases}]
    assert len(names) > 100
    assert [name for name, times in Counter(names).items() if times > 1] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_handler_translates_and_delegates_in_few_lines(function: str) -> None:
    tree = ast.parse((PACKAGE / function / "handler.py").read_text())
    (handler,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "lambda_handler")
    assert (handler.end_lineno or 0) - handler.body[0].lineno + 1 <= MAX_HANDLER_LINES


# --- what a cold start loads -----------------------------------------------------------------------------------------

HEAVY = {
    "PIL",
    "pydantic",
    "requests",
    "python_multipart",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.parser",
    "aws_lambda_powertools.utilities.validation",
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_xray_sdk",  # what makes Tracer slow; Powertools' own package imports the module of every utility's class
    "functions.adapters.http.guard",
}

LOADED = {
    "api": {"python_multipart", "pydantic", "aws_lambda_powertools.event_handler"},
    "ingest": set[str](),
    "compress": {"PIL", "functions.adapters.http.guard"},
    "tally": set[str](),
    "finalize": set[str](),
    "notify": {"requests", "functions.adapters.http.guard"},
    "recover": set[str](),
}


AWS = {
    "boto3",
    "botocore",
    "s3transfer",
    "jmespath",
    "dateutil",
    "six",
    "urllib3",
}  # the clients, and what they are made of
LOGS = {"aws_lambda_powertools", "typing_extensions"}
ALLOWED = {  # packages that a function may load: its own work, and no more
    "api": {"python_multipart", "pydantic", "pydantic_core", "annotated_types", "typing_inspection"},
    "ingest": set[str](),
    "compress": {"PIL"},
    "tally": set[str](),
    "finalize": set[str](),
    "notify": {"requests", "charset_normalizer", "idna", "cython_runtime"},
    "recover": set[str](),
}
HARMLESS = {"certifi"}  # botocore looks for it, and is content without


@cache
def loaded_by(function: str) -> set[str]:
    """What a fresh process has loaded after importing the handler, with nothing in its environment."""
    code = f"import sys, functions.{function}.handler; print(*sys.modules)"
    environment = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_handler_loads_of_what_is_heavy_only_what_it_needs(function: str) -> None:
    assert loaded_by(function) & HEAVY == LOADED[function]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_handler_loads_no_package_but_those_that_it_may(function: str) -> None:
    """Whatever is installed beside them: a package that comes in by another is one that each cold start pays for."""
    roots = {name.partition(".")[0] for name in loaded_by(function)}
    packages = {root for root in roots - {*sys.stdlib_module_names, "functions"} if not root.startswith("_")}
    assert packages - AWS - LOGS - HARMLESS <= ALLOWED[function]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_handler_loads_of_the_project_only_its_own_modules(function: str) -> None:
    packages = {name.split(".")[1] for name in loaded_by(function) if name.startswith("functions.")}
    assert packages == {function, "core", "adapters"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_cold_start_can_be_measured(function: str) -> None:
    """The benchmark builds what a first event builds, with the settings of the template."""
    assert hasattr(import_module(f"functions.{function}.wiring"), BUILDERS[function])
