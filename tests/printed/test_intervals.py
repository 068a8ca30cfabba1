"""A printed estimate against its interval, standard error and p: a published example, and honest ones at random."""

from __future__ import annotations

import math
import random

import pytest

import handful as hf
from handful.base.errors import InputError
from handful.stats.converting.statistic_tails import p_of_statistic


def test_the_worked_example_of_altman_and_bland() -> None:
    """BMJ 2011;343:d2304: a relative risk of 0.81 (0.70 to 0.94) has z = 2.8 and P = 0.005; log SE 0.0752."""
    found = hf.interval_fits("0.81", "0.70", "0.94", scale="log", se="0.075", p="0.005")
    assert found.fits
    assert found.se[0] < 0.0752 < found.se[1]


def test_an_interval_that_misses_its_estimate() -> None:
    found = hf.interval_fits("0.95", "0.70", "0.94")
    assert not found.contains or found.symmetric is False
    assert not hf.interval_fits("1.2", "0.70", "0.94").contains
    assert hf.interval_fits("0.94", "0.94", "0.94").contains


def test_an_interval_that_is_not_symmetric_on_its_scale() -> None:
    assert hf.interval_fits("2.6", "1.1", "3.2", scale="log").symmetric is False
    assert hf.interval_fits("0.81", "0.70", "0.94").symmetric is True  # narrow: both scales pass
    assert hf.interval_fits("2.0", "0.5", "8.0", scale="log").symmetric is True
    assert hf.interval_fits("2.0", "0.5", "8.0").symmetric is False


def test_a_standard_error_that_is_another() -> None:
    found = hf.interval_fits("10.0", "6.1", "13.9", se="4.0")
    assert found.se_fits is False
    assert hf.interval_fits("10.0", "6.1", "13.9", se="2.0").se_fits is True
    assert hf.interval_fits("10.0", "5.5", "14.5", se="2.0", df=9).se_fits is True


def test_a_p_that_contradicts_its_interval() -> None:
    assert hf.interval_fits("10.0", "6.1", "13.9", p="0.40").p_fits is False
    assert hf.interval_fits("1.0", "-2.9", "4.9", p="<0.01").p_fits is False
    assert hf.interval_fits("1.0", "-2.9", "4.9", p="0.6").p_fits is True
    assert hf.interval_fits("0.81", "0.70", "0.94", scale="log", p=">0.05").p_fits is False


def test_zero_on_the_log_scale_cannot_be_told() -> None:
    found = hf.interval_fits("0.3", "0.0", "2.1", scale="log")
    assert found.fits
    assert found.symmetric is None


def test_ends_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(InputError, match="exchange"):
        hf.interval_fits("1", "2", "0")


def test_ten_thousand_honest_intervals_are_never_refused() -> None:
    draw = random.Random(6)
    for _ in range(10_000):
        scale = draw.choice(["plain", "log"])
        centre, se, decimals = draw.uniform(-2, 2), draw.uniform(0.05, 1.5), draw.randint(1, 3)
        ends = [centre, centre - 1.959963985 * se, centre + 1.959963985 * se]
        shown = [math.exp(v) if scale == "log" else v for v in ends]
        texts = [f"{v:.{decimals}f}" for v in shown]
        p = p_of_statistic("z", centre / se, ())
        found = hf.interval_fits(
            *texts, scale=scale, se=f"{se:.{draw.randint(2, 3)}f}", p=f"{p:.{draw.randint(2, 4)}f}"
        )
        assert found, (texts, se, p, found.because)
