"""The methods pages of the place in therapy and of signals: each printed line is what its comment says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest
from tests.docs.fences import fences

PAGES = ("place", "what-would-change", "signals")


@pytest.mark.parametrize("page", PAGES)
def test_page_examples_print_what_they_say(page: str, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    blocks = [fence for fence in fences(repository / f"docs/methods/{page}.md") if fence.language == "python"]
    assert blocks
    for block in blocks:
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            exec(compile(block.text, page, "exec"), {})
        said = [m.group(1) for line in block.text.splitlines() if (m := re.match(r"print\(.*\)  # ([^:]+)", line))]
        assert said
        assert shown.getvalue().splitlines() == said
