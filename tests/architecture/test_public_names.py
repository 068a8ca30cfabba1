"""The public names are a contract: each is there, says what it gives, and is compared with something outside."""

from __future__ import annotations

import inspect
import tomllib
from typing import Any

import pytest

import handful

from .source import PACKAGE, REPOSITORY, imports_of, modules

NAMES = [name for name in handful.__all__ if name != "__version__"]
OUTSIDE: dict[str, dict[str, str]] = tomllib.loads(
    (REPOSITORY / "tests/architecture/outside_values.toml").read_text(encoding="utf-8")
)


def test_dir_shows_the_public_names_and_nothing_else() -> None:
    assert dir(handful) == sorted(handful.__all__)
    assert len(set(handful.__all__)) == len(handful.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'proprotion'"):
        handful.proprotion  # type: ignore[attr-defined]  # noqa: B018


def test_type_checkers_see_the_same_names_at_the_same_place() -> None:
    """The table for Python and the imports under TYPE_CHECKING are two lists; they must be one."""
    import ast

    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname or alias.name: node.module
        for node in guarded.body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "handful"
        for alias in node.names
    }
    whole = {name: f"{home}.{name}" for name, home in seen.items() if f"{home}.{name}" in modules()}
    assert whole == handful._MODULES
    assert {name: home for name, home in seen.items() if name not in whole} == handful._HOMES
    assert all(found.for_types_only for found in imports_of(PACKAGE / "__init__.py") if "handful" in found.target)


@pytest.mark.parametrize("name", NAMES)
def test_public_name_is_there_and_documented(name: str) -> None:
    value: Any = getattr(handful, name)
    written = inspect.getdoc(value) or ""
    if inspect.ismodule(value):
        assert value.__all__ == sorted(value.__all__)
        bare = [inner for inner in value.__all__ if not inspect.getdoc(getattr(value, inner))]
        assert not bare, f"{name} has names without a docstring: {bare}"
        assert written
        return
    # what a dataclass without a docstring is given for one
    by_itself = name + str(inspect.signature(value)).replace(" -> None", "")
    assert written not in {"", by_itself}, f"{name} has no docstring"
    first = written.split("\n\n")[0].rstrip()
    assert first.endswith((".", ":", "?")), f"{name}: what you get, in a sentence"


@pytest.mark.parametrize("name", NAMES)
def test_public_name_is_compared_with_something_outside(name: str) -> None:
    entry = OUTSIDE[name]
    if "because" in entry:
        assert len(entry["because"]) > 10
        assert set(entry) == {"because"}
        return
    assert set(entry) == {"test", "from"}
    file = REPOSITORY / entry["test"]
    assert file.is_file(), f"{entry['test']} is not there"
    assert name in file.read_text(encoding="utf-8"), f"{entry['test']} never names {name}"


def test_no_row_outlives_its_name() -> None:
    assert set(OUTSIDE) == set(NAMES)
