"""The methods pages of certainty and of risk of bias: examples print what they say, every tool is named."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from handful.certainty.tool import tools


@pytest.mark.parametrize("page", ["certainty", "risk-of-bias"])
def test_page_examples(page: str, repository: Path) -> None:
    found = doctest.testfile(str(repository / f"docs/methods/{page}.md"), module_relative=False)
    assert found.attempted > 3
    assert found.failed == 0


def test_every_tool_is_on_the_page(repository: Path) -> None:
    text = (repository / "docs/methods/risk-of-bias.md").read_text(encoding="utf-8")
    for tool in tools().values():
        name = "JBI" if tool.id.startswith("jbi") else tool.name.split(",")[0]
        assert name in text, tool.id
