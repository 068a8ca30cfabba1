"""The methods pages of multilevel models and of looking closer: examples print what they say, every choice is there."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest
from tests.docs.fences import fences

from handful.stats.closer import fail_safe, selection_models, trim_and_fill
from handful.stats.closer.asymmetry import PREDICTORS
from handful.stats.clusters import cluster_robust, random_structures
from handful.synthesis import small_study

PAGES = (
    "influence", "small-study-effects", "trim-and-fill", "selection-models", "multilevel", "cluster-robust",
)  # fmt: skip
CHOICES = {
    "small-study-effects": (*small_study.TESTS, *PREDICTORS, *fail_safe.KINDS),
    "trim-and-fill": trim_and_fill.ESTIMATORS,
    "selection-models": selection_models.TYPES,
    "multilevel": random_structures.STRUCTURES,
    "cluster-robust": cluster_robust.KINDS,
}


@pytest.mark.parametrize("page", PAGES)
def test_page_examples(page: str, repository: Path) -> None:
    blocks = [fence for fence in fences(repository / f"docs/methods/{page}.md") if fence.language == "python"]
    assert blocks
    for block in blocks:
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            exec(compile(block.text, page, "exec"), {})
        said = [line.removeprefix("# ") for line in block.text.splitlines() if line.startswith("# ")]
        assert said
        assert shown.getvalue().splitlines() == said


@pytest.mark.parametrize("page", sorted(CHOICES))
def test_every_choice_is_on_its_page(page: str, repository: Path) -> None:
    text = (repository / f"docs/methods/{page}.md").read_text(encoding="utf-8")
    missing = [name for name in CHOICES[page] if f"`{name}`" not in text]
    assert not missing
