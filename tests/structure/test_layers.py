"""Imports point one way: the layers of the compiler and of the server, read from the sources."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

COMPILER = (
    "source",
    "diagnostics",
    "preprocess",
    "syntax",
    "grammar",
    "catalog",
    "ir",
    "lower",
    "checks",
    "codegen",
    "driver",
    "report",
    "cli",
)
SERVER = (
    "declare",
    "native",
    "sip",
    "script",
    "db",
    "dns",
    "transport",
    "server",
    "api",
    "lib",
    "modules",
)
SIDE_BY_SIDE = {"db", "dns", "transport"}
NEVER_IN_SERVER = {"kcc", "lark", "jinja2", "black", "typer", "mypy"}


def imports(path: Path, *, typing_too: bool = False) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of each import that runs: those under TYPE_CHECKING do not."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and not typing_too:
            for child in node.body:
                skipped.update(ast.walk(child))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def layer(name: str, package: str, layers: tuple[str, ...]) -> str | None:
    """The layer that a dotted name belongs to."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == package and parts[1] in layers else None


def sources(package: str) -> list[Path]:
    """Python files of a package."""
    return sorted((ROOT / package).rglob("*.py"))


def test_compiler_layers() -> None:
    wrong = []
    for path in sources("kcc"):
        own = layer(".".join(path.relative_to(ROOT).with_suffix("").parts), "kcc", COMPILER)
        if own is None:
            continue
        for name, line in imports(path):
            other = layer(name, "kcc", COMPILER)
            if other and COMPILER.index(other) > COMPILER.index(own):
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {own} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_server_layers() -> None:
    wrong = []
    for path in sources("runtime"):
        own = layer(".".join(path.relative_to(ROOT).with_suffix("").parts), "runtime", SERVER)
        if own is None:
            continue
        for name, line in imports(path):
            other = layer(name, "runtime", SERVER)
            if other is None or other == own:
                continue
            above = SERVER.index(other) > SERVER.index(own)
            if above or {own, other} <= SIDE_BY_SIDE:
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {own} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_server_never_imports_the_compiler() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sources("runtime")
        for name, line in imports(path, typing_too=True)
        if name.split(".")[0] in NEVER_IN_SERVER
    ]
    assert not wrong, "\n".join(wrong)


def test_compiler_sees_only_declarations_of_the_server() -> None:
    def allowed(name: str) -> bool:
        parts = name.split(".")
        return (
            parts[:2] == ["runtime", "declare"]
            or name in ("runtime", "runtime.modules")
            or (parts[:2] == ["runtime", "modules"] and parts[3:4] in (["exports"], ["syntax"], []))
        )

    exceptions = {"kcc/cli.py": ("runtime.db",), "kcc/dbtool.py": ("runtime.db",)}
    wrong = []
    for path in sources("kcc"):
        key = str(path.relative_to(ROOT))
        for name, line in imports(path):
            if name.split(".")[0] != "runtime" or allowed(name):
                continue
            if name.startswith(exceptions.get(key, ("-",))):
                continue
            wrong.append(f"{key}:{line}: {name}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("package", ["kcc", "runtime"])
def test_package_files_hold_docstrings_only(package: str) -> None:
    wrong = []
    for path in (ROOT / package).rglob("__init__.py"):
        body = ast.parse(path.read_text("utf-8")).body
        plain = all(isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) for n in body)
        if not plain or len(body) != 1:
            wrong.append(str(path.relative_to(ROOT)))
    assert not wrong, wrong
