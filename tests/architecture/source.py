"""The package as the tests of this folder read it: files, imports, and the table of folders in ARCHITECTURE.md."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "src" / "handful"


@dataclass(frozen=True)
class Import:
    """One import as written: who imports what, on which line.

    ``for_types_only``: under ``if TYPE_CHECKING``, never executed. ``at_start``: executed when the file is imported.
    """

    file: Path
    line: int
    target: str
    for_types_only: bool
    at_start: bool

    def __str__(self) -> str:
        return f"{self.file.relative_to(REPOSITORY)}:{self.line}: imports {self.target}"


@dataclass(frozen=True)
class Place:
    """One row of the table: a folder (``stats``) or a file (``review.py``), what it may import, the files it names."""

    name: str
    may_import: tuple[str, ...]
    files: tuple[str, ...]


@cache
def python_files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def module_name(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {module_name(file): file for file in python_files()}


@cache
def imports_of(file: Path) -> list[Import]:
    """Every import in the file, those inside functions included. Names taken from a package count as that module."""
    known = modules()
    found: list[Import] = []

    def visit(node: ast.AST, types_only: bool, at_start: bool) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.body:
                visit(child, True, False)
            for child in node.orelse:
                visit(child, types_only, at_start)
            return
        targets: list[str] = []
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(file, node)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                is_module = inner in known or base == "scipy"  # `from scipy import special` imports scipy.special
                targets.append(inner if is_module else base)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                targets = [argument.value]
        found.extend(Import(file, getattr(node, "lineno", 0), target, types_only, at_start) for target in targets)
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, types_only, at_start and not inside)

    visit(ast.parse(file.read_text(encoding="utf-8"), filename=str(file)), False, True)
    return found


def _absolute(file: Path, node: ast.ImportFrom) -> str:
    """The module a ``from`` takes its names from, the dots of a relative import resolved."""
    if not node.level:
        return node.module or ""
    package = module_name(file).split(".")
    package = package if file.name == "__init__.py" else package[:-1]
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, node.module] if node.module else package)


def place_of(module: str) -> str:
    """``handful.stats.one_group.rates`` is in ``stats``, ``handful.review`` in ``review.py``."""
    parts = module.split(".")
    if len(parts) == 1:
        return "__init__.py"
    return parts[1] if (PACKAGE / parts[1]).is_dir() else f"{parts[1]}.py"


@cache
def table_of_folders() -> list[Place]:
    """The rows of the table in ARCHITECTURE.md, in its order."""
    text = (REPOSITORY / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows: list[Place] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 4 or not cells[0].startswith("`"):
            continue
        name = cells[0].strip("`").rstrip("/")
        files = tuple(file.strip("`") for file in re.findall(r"`[^`]+`", cells[2]))
        rows.append(Place(name, tuple(item.strip("`") for item in re.findall(r"`[^`]+`", cells[3])), files))
    return rows
