"""Imports point one way. The rule is the last column of the table in ARCHITECTURE.md; it is read from there."""

from __future__ import annotations

import graphlib
import sys

import pytest

from .source import PACKAGE, Import, Place, imports_of, module_name, modules, place_of, python_files, table_of_folders

#: what the numerics may import beside themselves and the standard library
STATS_MAY_IMPORT = (
    "numpy",
    "scipy.special",
    "scipy.optimize",
    "scipy.linalg",
    "handful.base.notes",
    "handful.base.errors",
)


def _all_imports() -> list[Import]:
    return [found for file in python_files() for found in imports_of(file)]


def _ours(found: Import) -> bool:
    return found.target == "handful" or found.target.startswith("handful.")


def test_there_is_something_to_read() -> None:
    """The other tests of this file would pass on an empty folder."""
    assert len(python_files()) > 20
    assert sum(_ours(found) for found in _all_imports()) > 20


def test_a_row_may_only_import_from_rows_above_it() -> None:
    seen: set[str] = set()
    for place in table_of_folders():
        below = set(place.may_import) - seen
        assert not below, f"{place.name} may not be given {below}: they are not above it in the table"
        seen.add(place.name)


@pytest.mark.parametrize("place", table_of_folders(), ids=lambda place: place.name)
def test_imports_point_one_way(place: Place) -> None:
    allowed = {place.name, *place.may_import}
    wrong = [
        str(found)
        for file in python_files()
        if place_of(module_name(file)) == place.name
        for found in imports_of(file)
        if _ours(found) and place_of(found.target) not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_statistics_know_no_study() -> None:
    """``stats`` imports numpy, the cheap parts of scipy, notes and errors; under TYPE_CHECKING it may name any type."""
    wrong = []
    for file in python_files():
        if place_of(module_name(file)) != "stats":
            continue
        for found in imports_of(file):
            top = found.target.split(".")[0]
            if top in sys.stdlib_module_names or found.target.startswith("handful.stats") or found.for_types_only:
                continue
            if top in {"matplotlib", "pandas"} and not found.at_start:
                continue  # a prior draws itself and a fit becomes a table, when asked
            if top in {"pymc", "pytensor", "arviz", "nutpie"} and file.name == "sampling.py" and not found.at_start:
                continue  # the sampler of engine="mcmc", loaded when it is to draw
            if top == "numba" and file.name == "fast_kernels.py":
                continue  # imported by nothing at the start: test_compiled_code_is_imported_when_it_is_to_run
            if not any(found.target == name or found.target.startswith(name + ".") for name in STATS_MAY_IMPORT):
                wrong.append(str(found))
    assert not wrong, "\n".join(wrong)


def test_compiled_code_is_imported_when_it_is_to_run() -> None:
    """numba costs more at the start than all else together: one file imports it, and that file is imported lazily."""
    numba = {found.file.name for found in _all_imports() if found.target.split(".")[0] == "numba"}
    assert numba == {"fast_kernels.py"}
    users = [found for found in _all_imports() if found.target.startswith("handful.stats.estimates.fast_kernels")]
    assert users
    assert not [str(found) for found in users if found.at_start]


def test_nothing_imports_scipy_stats() -> None:
    """Nothing costs more at the start; scipy.special has the same functions (docs/decisions/dependencies.md)."""
    wrong = [str(found) for found in _all_imports() if found.target.startswith("scipy.stats")]
    assert not wrong, "\n".join(wrong)


def test_scipy_stays_where_it_computes() -> None:
    """Only ``stats`` imports scipy; scipy.optimize (150 ms beside scipy.special) only inside the function using it."""
    wrong = [
        str(found)
        for found in _all_imports()
        if found.target.split(".")[0] == "scipy"
        and not found.for_types_only
        and (place_of(module_name(found.file)) != "stats" or (found.at_start and "optimize" in found.target))
    ]
    assert not wrong, "\n".join(wrong)


def test_imports_inside_functions_are_seen() -> None:
    """The package's own lazy names are imports inside a function; a reader that missed them would pass everything."""
    entry = imports_of(PACKAGE / "__main__.py")
    assert any(found.target == "handful.cli.main" and found.at_start for found in entry)
    lazy = [found for found in _all_imports() if not found.at_start and not found.for_types_only]
    assert lazy


def test_no_import_cycle_between_files() -> None:
    """Of what importing a file executes; an import inside a function closes no ring, its direction is held above."""
    graph = {
        name: {found.target for found in imports_of(file) if found.target in modules() and found.at_start} - {name}
        for name, file in modules().items()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail("cycle: " + " -> ".join(error.args[1]))


def test_every_import_from_outside_is_a_declared_dependency() -> None:
    """A package that merely happens to be there (numpy through pandas, say) is not to be counted on."""
    import tomllib
    from importlib.metadata import packages_distributions

    from .source import REPOSITORY

    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [
        *project["dependencies"],
        *(line for name, lines in project["optional-dependencies"].items() if name != "dev" for line in lines),
    ]
    names = {_plain(line.split(">")[0].split("=")[0].split("<")[0]) for line in declared}
    #: asked for only when the caller has handed one over, or for .to_frame(); never required
    names |= {"pandas", "polars", "pyarrow"}
    # the halves of pydantic and jinja2 that their own documentation imports from; both are required by them
    names |= {"pydantic-core", "markupsafe"}
    provided = packages_distributions()
    wrong = []
    for found in _all_imports():
        top = found.target.split(".")[0]
        if top in sys.stdlib_module_names or top == "handful":
            continue
        if not {_plain(name) for name in provided.get(top, [top])} & names:
            wrong.append(str(found))
    assert not wrong, "\n".join(wrong)


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-").replace(".", "-")
