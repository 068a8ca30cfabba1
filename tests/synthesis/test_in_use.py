"""From a data frame of whatever make to a result that prints and shows itself in a notebook."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pandas
import polars
import pyarrow
import pytest
from tests.figures.tables import BCG, LATITUDE, bcg, pooled, series

import handful as hf

LABELS, A, N1, C, N2 = zip(*BCG, strict=True)
COLUMNS = {"study": list(LABELS), "ai": list(A), "n1i": list(N1), "ci": list(C), "n2i": list(N2), "latitude": LATITUDE}
FRAMES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "pandas": pandas.DataFrame,
    "pandas with an index of its own": lambda columns: pandas.DataFrame(columns, index=range(100, 113)),
    "pandas, nullable": lambda columns: pandas.DataFrame(columns).convert_dtypes(),
    "pandas on arrow": lambda columns: pandas.DataFrame(columns).convert_dtypes(dtype_backend="pyarrow"),
    "polars": polars.DataFrame,
    "pyarrow": pyarrow.table,
    "dict of lists": dict,
}


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_columns_of_any_frame_are_taken(make: Callable[[dict[str, Any]], Any]) -> None:
    frame = make({**COLUMNS, "latitude": list(LATITUDE)})
    two = hf.two_arms(frame["ai"], frame["n1i"], frame["ci"], frame["n2i"], labels=frame["study"])
    assert two.labels == LABELS
    fit = hf.pool(two, measure="RR", model="random-effects")
    assert isinstance(fit, hf.Fit)
    assert fit.to_dict() == pooled().to_dict()
    found = hf.regress(hf.effect_sizes(two, "RR"), {"latitude": frame["latitude"]})
    assert found["latitude"].estimate == _slope()  # type: ignore[index]
    groups = hf.subgroups(two, by=frame["study"], measure="RR", model="common-effect")
    assert set(groups.groups) == set(LABELS)


@pytest.mark.parametrize("name", FRAMES)
def test_moderators_are_named_columns_of_any_frame(name: str) -> None:
    frame = FRAMES[name]({**COLUMNS, "latitude": list(LATITUDE)})
    found = hf.regress(hf.effect_sizes(bcg(), "RR"), ["latitude"], data=frame)
    assert found["latitude"].estimate == _slope()  # type: ignore[index]


def _slope() -> float:
    found = hf.regress(hf.effect_sizes(bcg(), "RR"), {"latitude": LATITUDE})
    return float(found["latitude"].estimate)  # type: ignore[index]


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_missing_estimates_of_any_frame_are_left_out_and_said(make: Callable[[dict[str, Any]], Any]) -> None:
    frame = make({"yi": [0.1, None, *[0.4] * 11], "vi": [0.02] * 13})
    est = hf.estimates(frame["yi"], frame["vi"])
    assert len(est) == 12
    assert [note.code for note in est.notes] == ["study-left-out"]


RESULTS: dict[str, Callable[[], Any]] = {
    "one arm": series,
    "two arms": pooled,
    "bayes": lambda: hf.pool(hf.two_arms([0, 2, 1], [12, 14, 9], [3, 0, 2], [11, 15, 10], labels=["<a>", "b&c", "d"])),
    "regression": lambda: hf.regress(hf.effect_sizes(bcg(), "RR"), {"latitude": LATITUDE}),
    "groups": lambda: hf.subgroups(bcg(), by=["a"] * 7 + ["b"] * 6, measure="RR", model="random-effects"),
    "effect sizes": lambda: hf.effect_sizes(hf.two_arms([4, 0], [12, 10], [9, 3], [12, 11], labels=["<A>", "B"]), "OR"),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_print_and_show_themselves(name: str) -> None:
    """Printed: a line each, no NaN. In a notebook: well-formed HTML, names escaped."""
    made = RESULTS[name]()
    printed = str(made)
    assert len(printed.splitlines()) >= 4
    assert "nan" not in printed.lower().split()
    page = ET.fromstring(f"<div>{made._repr_html_()}</div>")
    cells = ["".join(cell.itertext()) for cell in page.iter("td")]
    assert len(cells) >= 3
    assert page.find("table") is not None
    assert not any("object at 0x" in text for text in [printed, *cells])


def test_a_fit_prints_what_a_statistician_expects() -> None:
    text = str(pooled())
    for words in ("RR", "13 studies", "0.4894 (0.3301 to 0.7257)", "tau²", "I²", "152.2 with 12 df", "next study",
                  "hartung-knapp-safe"):  # fmt: skip
        assert words in text


def test_a_fit_becomes_a_frame() -> None:
    frame = pooled().to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert len(frame) >= 13


def test_a_figure_shows_itself_in_a_notebook() -> None:
    page = hf.figures.forest(pooled()).figure._repr_svg_()
    assert ET.fromstring(page).tag.endswith("svg")


def test_looking_closer_renders_in_a_notebook_with_labels_escaped() -> None:
    est = hf.estimates([0.1, 0.3, 0.5, 0.9, 0.2], [0.01, 0.03, 0.06, 0.12, 0.05], labels=["<b>", "B", "C", "D", "E"])
    fit = hf.pool(est, model="random-effects")
    for found, words in (
        (hf.influence(fit), "rstudent"),
        (hf.trim_and_fill(fit), "as it is"),
        (hf.selection_model(fit), "without selection"),
    ):
        page = found._repr_html_()
        assert page.startswith('<table class="handful-fit">')
        assert words in page
        assert "<b>" not in page
    assert "&lt;b&gt;" in hf.influence(fit)._repr_html_()
