"""The examples in docstrings and on the methods pages of one and two groups print what they say."""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import re
from pathlib import Path

import pytest

MODULES = [
    "one_group.proportion",
    "one_group.rates",
    "two_groups.two_rates",
    "two_groups.two_by_two",
    "two_groups.two_posterior",
]
PAGES = ["proportion", "rate", "two-groups", "missing-people", "one-stage", "time-to-event"]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name: str) -> None:
    module = importlib.import_module(f"handful.stats.{name}")
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("name", PAGES)
def test_page_examples(name: str, repository: Path) -> None:
    """Each comment under a print is what the print shows."""
    text = (repository / "docs/methods" / f"{name}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            exec(compile(block, name, "exec"), {})
        said = [line.removeprefix("# ") for line in block.splitlines() if line.startswith("# ")]
        assert shown.getvalue().splitlines() == said


def test_every_method_and_test_is_on_its_page(repository: Path) -> None:
    from handful.stats.one_group import proportion, rates
    from handful.stats.two_groups import two_by_two, two_tests

    for page, names in {
        "proportion": [*proportion.METHODS],
        "rate": [*rates.METHODS],
        "two-groups": [*two_by_two.DIFFERENCES, *two_by_two.RATIOS, *two_by_two.ODDS_RATIOS],
        "exact-tests": [*two_tests.TESTS],
    }.items():
        text = (repository / "docs/methods" / f"{page}.md").read_text(encoding="utf-8")
        missing = [name for name in names if f"`{name}`" not in text]
        assert not missing, (page, missing)
