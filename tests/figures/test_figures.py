"""Figures as files and as axes: the same bytes, letters that stay letters, no global state, colours apart."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.figures.tables import LATITUDE, bcg, pooled, series

import handful as hf
from handful.figures import theme

ROB = "Study,D1,D2,Overall,Weight\nOne,Low,High,High,20\nTwo,Some concerns,,No information,80\n"


@cache
def every_analysis() -> Any:
    """Of the small review: a handful of analyses, bounds among them."""
    return hf.sensitivity(hf.open_review("tests/fixtures/small-review"), "examplinib-whole-testitis")


DRAWN: dict[str, Callable[..., Any]] = {
    "forest": lambda **o: hf.figures.forest(pooled(), **o),
    "forest of one arm": lambda **o: hf.figures.forest(series(), **o),
    "forest of groups": lambda **o: hf.figures.forest(
        hf.subgroups(bcg(), by=["first"] * 7 + ["second"] * 6, measure="RR", model="random-effects"), **o
    ),
    "funnel": lambda **o: hf.figures.funnel(pooled(), contours=True, **o),
    "radial": lambda **o: hf.figures.radial(pooled(), **o),
    "baujat": lambda **o: hf.figures.baujat(pooled(), **o),
    "labbe": lambda **o: hf.figures.labbe(pooled(model="mantel-haenszel"), **o),
    "prior_sensitivity": lambda **o: hf.figures.prior_sensitivity(
        hf.pool(hf.one_arm([1, 0, 3], [4, 4, 9]), model="bayes"), **o
    ),
    "drapery": lambda **o: hf.figures.drapery(pooled(), **o),
    "gosh": lambda **o: hf.figures.gosh(
        hf.gosh(hf.pool(hf.effect_sizes(bcg(), "RR")), subsets=300, seed=1), measure="RR", study="TPT Madras 1980", **o
    ),
    "specification_curve": lambda **o: hf.figures.specification_curve(every_analysis(), "children", **o),
    "traffic_light": lambda **o: hf.figures.traffic_light(hf.read_robvis(ROB), **o),
    "bias_summary": lambda **o: hf.figures.bias_summary(hf.read_robvis(ROB), **o),
    "bubble": lambda **o: hf.figures.bubble(hf.regress(hf.effect_sizes(bcg(), "RR"), {"latitude": LATITUDE}), **o),
}


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_numbers_give_the_same_svg_and_letters_stay_letters(name: str, tmp_path: Path) -> None:
    files = [hf.figures.save(DRAWN[name](), tmp_path / f"{i}.svg") for i in range(2)]
    first, second = (file.read_text(encoding="utf-8") for file in files)
    assert first == second
    assert "<text" in first
    assert not re.search(r"\d{4}-\d\d-\d\dT", first), "a date"
    page = ET.fromstring(first)
    title = page.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text
    assert "plot of" in title.text


@pytest.mark.parametrize("name", DRAWN)
def test_given_axes_are_used_and_returned(name: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5))
    axes = figure.add_subplot()
    assert DRAWN[name](ax=axes) is axes
    assert figure.axes == [axes]
    axes.set_title("mine")
    axes.plot([1.0], [1.0])


def test_pyplot_is_never_touched() -> None:
    code = (
        "import sys, handful as hf\n"
        "hf.figures\n"
        "assert 'matplotlib' not in sys.modules, 'loaded before a figure was asked for'\n"
        "axes = hf.figures.forest(hf.estimates([0.1, 0.4], [0.02, 0.03]))\n"
        "axes.figure._repr_svg_()\n"
        "assert 'matplotlib' in sys.modules\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr


def test_without_matplotlib_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import handful as hf\n"
        "try:\n    hf.figures.forest(hf.estimates([0.1], [0.02]))\n"
        "except hf.HandfulError as error:\n    print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert run.stdout == "figures need matplotlib\n  install handful[plot]\n", run.stderr


def test_saved_kinds_and_the_figures_own_savefig(tmp_path: Path) -> None:
    axes = hf.figures.forest(series())
    for kind, start in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")):
        one, two = hf.figures.save(axes, tmp_path / f"a.{kind}"), tmp_path / f"b.{kind}"
        axes.figure.savefig(two)
        assert one.read_bytes() == two.read_bytes()
        assert one.read_bytes().startswith(start)


def test_figures_of_your_own_keep_the_words(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    hf.figures.funnel(pooled(), ax=axes)
    assert "Funnel plot of 13 studies" in hf.figures.save(axes, tmp_path / "mine.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["forest", "forest of one arm", "forest of groups"])
def test_no_word_of_a_forest_leaves_the_paper_or_lies_on_another(name: str) -> None:
    axes = DRAWN[name](favours=("new", "old")) if name == "forest" else DRAWN[name]()
    figure = axes.figure
    figure.canvas.draw()
    edge = figure.bbox.extents
    boxes = [(t.get_text(), t.get_window_extent().extents) for t in axes.texts if t.get_text()]
    boxes.append(("axis label", axes.xaxis.label.get_window_extent().extents))
    for text, (left, bottom, right, top) in boxes:
        assert left >= edge[0] - 1, text
        assert right <= edge[2] + 1, text
        assert bottom >= edge[1] - 1, text
        assert top <= edge[3] + 1, text
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        assert wide <= 1 or high <= 2, f"{one!r} lies on {other!r}"


def test_colours_are_those_of_the_site(repository: Path) -> None:
    css = (repository / "src/handful/site/assets/style.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", css.split("}")[0]))
    names = {"INK": "ink", "SOFT": "soft", "GRID": "grid", "FAINT": "faint", "ACCENT": "accent", "BAR": "bar",
             "BAR_SOFT": "bar-soft", "MARK": "mark", "WARN": "warn"}  # fmt: skip
    assert {name: getattr(theme, name) for name in names} == {name: light[css_name] for name, css_name in names.items()}


def _linear(colour: str) -> Any:
    share = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _lab(linear: Any) -> Any:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    f = np.cbrt(np.maximum(xyz / np.array([0.9505, 1.0, 1.089]), 1e-6))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


#: full protanopia, deuteranopia, tritanopia on linear RGB: Machado, Oliveira & Fernandes 2009, 10.1109/TVCG.2009.113
SEEN = {
    "every colour": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


@pytest.mark.parametrize("eyes", SEEN)
def test_group_colours_can_be_told_apart(eyes: str) -> None:
    """CIE 1976 difference of at least 15 for each pair (about six times what is just noticed side by side)."""
    seen = [_lab(np.clip(np.asarray(SEEN[eyes]) @ _linear(colour), 0, 1)) for colour in theme.GROUPS]
    least = min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))
    assert least >= 15
    assert len(set(theme.MARKS)) == len(theme.GROUPS)


@pytest.mark.parametrize("colour", ["INK", "SOFT", "ACCENT", "BAR", "WARN"])
def test_marks_stand_out_on_white(colour: str) -> None:
    """Contrast of at least 3 : 1 for marks, 4.5 : 1 for letters (WCAG 2.2, 1.4.11 and 1.4.3)."""
    luminance = float(np.array([0.2126, 0.7152, 0.0722]) @ _linear(getattr(theme, colour)))
    assert 1.05 / (luminance + 0.05) >= (4.5 if colour in ("INK", "SOFT") else 3.0)


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda: hf.figures.forest(hf.pool(hf.one_arm([], []))), "nothing to draw"),
        (lambda: hf.figures.forest(pooled(), intervals="magic"), "intervals='magic'"),
        (lambda: hf.figures.forest(pooled(), order="size"), "order='size'"),
        (lambda: hf.figures.forest(pooled(), limits=(-1, 2)), "limits="),
        (lambda: hf.figures.forest(series(), favours=("a", "b")), "two sides"),
        (lambda: hf.figures.funnel(series(), contours=True), "no effect"),
        (lambda: hf.figures.funnel(pooled(), against="n"), "against='n'"),
        (lambda: hf.figures.funnel(pooled(), contours=[2]), "contours="),
        (lambda: hf.figures.labbe(series()), "two arms"),
        (lambda: hf.figures.baujat(pooled(model="mantel-haenszel")), "mantel-haenszel"),
        (lambda: hf.figures.baujat(hf.estimates([1.0, 2.0], [1.0, 1.0])), "needs 3 studies"),
        (lambda: hf.figures.bubble(pooled()), "regression"),
        (lambda: hf.figures.forest("studies"), "cannot draw str"),
        (lambda: hf.figures.funnel(hf.leave_one_out(pooled())), "cannot draw Refits"),
        (lambda: hf.figures.forest(hf.regress(hf.effect_sizes(bcg(), "RR"), {"latitude": LATITUDE})), "bubble"),
        (lambda: hf.figures.radial(hf.two_arms([0], [3], [0], [3])), "forest"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw: Callable[[], Any], said: str) -> None:
    with pytest.raises(hf.HandfulError) as told:
        draw()
    assert said in str(told.value)


@pytest.mark.parametrize(
    "evidence",
    [
        hf.one_arm([0, 0, 0], [4, 5, 3]),
        hf.one_arm([4, 3], [4, 3]),
        hf.one_arm([1], [4]),
        hf.one_arm_rates([0, 2], [3.5, 10]),
        hf.two_arms([0, 0], [4, 5], [0, 0], [4, 5]),
        hf.two_arm_rates([0, 2], [3.5, 10], [1, 0], [3.5, 10]),
        hf.estimates([0.0, 0.0], [1.0, 1.0], measure="SMD"),
        hf.estimates([1e8, -3.0, 2.0], [1e12, 0.1, 0.1]),
        hf.estimates([0.3], [1e-12], measure="HR"),
        hf.estimates([0.1, 0.3], [0.01, 0.02], measure="ZCOR"),
    ],
    ids=lambda evidence: f"{type(evidence).__name__}-{len(evidence)}",
)
def test_the_smallest_evidence_has_a_forest(evidence: Any, tmp_path: Path) -> None:
    """No warning (each is an error here), no NaN in the file."""
    fit = hf.pool(evidence)
    for thing in (evidence, fit) if isinstance(fit, hf.Fit) else (evidence,):
        text = hf.figures.save(hf.figures.forest(thing), tmp_path / "small.svg").read_text(encoding="utf-8")
        assert "nan" not in text.lower().replace("finance", "")


def test_studies_that_cannot_be_drawn_are_counted_in_words() -> None:
    axes = hf.figures.funnel(hf.two_arms([0, 2, 3], [12, 14, 9], [3, 4, 1], [11, 15, 9]))
    assert "1 study has no finite effect" in axes.get_label()


def test_a_multilevel_result_is_drawn_with_its_estimates() -> None:
    effects = hf.effect_sizes(bcg(), "RR")
    found = hf.multilevel(effects, cluster=["a"] * 5 + ["b"] * 4 + ["c"] * 4)
    with pytest.raises(hf.HandfulError, match="evidence="):
        hf.figures.forest(found)
    axes = hf.figures.forest(found, evidence=effects)
    diamond = axes.patches[0].get_xy()[:, 0]
    assert (diamond.min(), diamond.max()) == pytest.approx((found.low, found.high))  # type: ignore[union-attr]
    assert any("3 clusters" in text.get_text() for text in axes.texts)


def test_docstring_examples() -> None:
    import doctest
    from importlib import import_module

    attempted = 0
    for name in ("baujat", "bubble", "drapery", "forest", "gosh", "labbe", "prior_sensitivity"):
        result = doctest.testmod(import_module(f"handful.figures.{name}"))
        assert result.failed == 0
        attempted += result.attempted
    assert attempted >= 10
    assert doctest.testmod(sys.modules["handful.figures"]).failed == 0


@pytest.mark.parametrize("dpi", [72, 100, 300])
def test_long_names_do_not_run_into_the_next_column(dpi: int) -> None:
    """Measured where letters are widest, on a screen's whole pixels: 4 points at least stay free beside each label."""
    names = [f"salt 95 to 100: Ritlecitinib by extent of baseline scalp…, no date {'m' * n}" for n in (0, 10, 25)]
    axes = hf.figures.forest(hf.one_arm([37, 3, 1], [125, 40, 4], labels=names))
    figure = axes.figure
    figure.set_dpi(dpi)
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    boxes = {text.get_text(): text.get_window_extent(renderer) for text in axes.texts}
    for name, count in zip(names, ("37 of 125", "3 of 40", "1 of 4"), strict=True):
        assert (boxes[count].x0 - boxes[name].x1) * 72 / dpi >= 4, (name, dpi)
