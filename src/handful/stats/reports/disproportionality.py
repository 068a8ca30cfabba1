"""Is an event reported with a drug more than with the others: reporting odds ratio, reporting ratio, IC, EBGM."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from scipy import special

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.reports.empirical_bayes import GammaMixture, posterior_of
from handful.stats.results import Interval, NotEstimable

REPORTS_NOT_RATES = Note(
    "reports-not-rates",
    "reports, not rates: how many people took the drug is not known, and what is reported depends on the year, the "
    "attention and the other reports in the database; nothing here says how often the event happens or why",
)
FEWEST_FOR_LIMITS = 3
"""Log-normal limits are given when every cell has this many reports; below it their coverage is not to be trusted."""


@dataclass(frozen=True)
class ReportingSignal:
    """One drug and one event in a database of reports.

    ``a`` reports have both, ``b`` the drug with other events, ``c`` the event with other drugs, ``d`` neither.
    ``reporting_odds_ratio`` and ``proportional_reporting_ratio`` are 0 or infinite where a cell is empty and say so by
    mathematics; their log-normal limits need three reports in every cell. ``information_component`` is on the base-2
    logarithm, with limits that exist for every table.
    """

    a: int
    b: int
    c: int
    d: int
    level: float
    expected: float
    ratio: float | NotEstimable
    reporting_odds_ratio: float | NotEstimable
    reporting_odds_ratio_interval: Interval | NotEstimable
    proportional_reporting_ratio: float | NotEstimable
    proportional_reporting_ratio_interval: Interval | NotEstimable
    information_component: Interval
    notes: tuple[Note, ...] = (REPORTS_NOT_RATES,)

    def ebgm(self, prior: GammaMixture) -> Interval:
        """The geometric mean of the posterior of λ = true / expected reports, with its 5 and 95 % points.

        λ has the database's own prior, a mixture of two gammas (:class:`GammaMixture`); it is not estimated here. The
        limits are those of the field, EB05 and EB95: level 0.90, whatever the level of the rest.

        Source: DuMouchel 1999, doi:10.1080/00031305.1999.10474456.
        """
        if not isinstance(prior, GammaMixture):
            hint = "give a GammaMixture with the hyperparameters of the database"
            raise InputError(f"prior is {type(prior).__name__}, no prior of a database", hint=hint)
        found = posterior_of(self.a, self.expected, prior)
        return Interval(
            found.geometric_mean, found.quantile(0.05), found.quantile(0.95), 0.90, "ebgm", notes=(REPORTS_NOT_RATES,)
        )

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""

        def plain(value: Any) -> Any:
            if isinstance(value, NotEstimable):
                return {"not_estimable": value.reason}
            return value.to_dict() if isinstance(value, Interval) else value

        named = {name: plain(getattr(self, name)) for name in self.__dataclass_fields__ if name != "notes"}
        return named | {"notes": [note.text for note in self.notes]}

    def __str__(self) -> str:
        def number(value: float | NotEstimable, limits: Interval | NotEstimable) -> str:
            if isinstance(value, NotEstimable):
                return str(value)
            if isinstance(limits, NotEstimable):
                return f"{value:.3g} ({limits.reason})"
            return f"{value:.3g} ({limits.low:.3g} to {limits.high:.3g})"

        ic = self.information_component
        return "\n".join(
            (
                f"{self.a} reports with both, {self.expected:.3g} expected",
                f"reporting odds ratio {number(self.reporting_odds_ratio, self.reporting_odds_ratio_interval)}",
                "proportional reporting ratio "
                + number(self.proportional_reporting_ratio, self.proportional_reporting_ratio_interval),
                f"information component {ic.estimate:.3g} ({ic.low:.3g} to {ic.high:.3g})",
                *(f"note: {note}" for note in self.notes),
            )
        )


def reporting_signal(a: int, b: int, c: int, d: int, *, level: float = 0.95) -> ReportingSignal | NotEstimable:
    """How much more an event is reported with a drug than the database as a whole would lead one to expect.

    E = (a+b)(a+c)/N reports are expected if drug and event were reported independently.

    - ratio a/E;
    - reporting odds ratio ad/(bc), se of its log √(1/a + 1/b + 1/c + 1/d);
    - proportional reporting ratio [a/(a+b)] / [c/(c+d)], se of its log √(1/a − 1/(a+b) + 1/c − 1/(c+d));
    - information component log₂((a+½)/(E+½)), limits log₂ of the quantiles of Gamma(a+½, E+½).

    Whole numbers of reports, of one database at one time; a person may have several. An empty cell makes a ratio 0 or
    infinite, or not estimable where it is 0/0; the information component always exists. No report at all gives
    ``NotEstimable``. Whatever comes out: reports, not rates.

    Args:
        a: reports of the drug with the event.
        b: reports of the drug with other events.
        c: reports of the event with other drugs.
        d: all other reports.
        level: of the limits, between 0 and 1.

    Raises:
        InputError: when a cell is not a whole number of at least 0.

    Sources: Evans 2001 (doi:10.1002/pds.677) for the PRR; Norén 2013 (doi:10.1177/0962280211403604) for the shrunk
    information component; DuMouchel 1999 for :meth:`ReportingSignal.ebgm`.

    >>> import handful as hf
    >>> found = hf.reporting_signal(5, 4, 4, 4)
    >>> round(found.expected, 4), round(found.proportional_reporting_ratio, 2)
    (4.7647, 1.11)
    """
    cells = tuple(_cell(name, value) for name, value in (("a", a), ("b", b), ("c", c), ("d", d)))
    if not isinstance(level, Real) or not 0 < level < 1:
        raise InputError(f"level={level!r} is not between 0 and 1", hint="0.95 gives 95 % limits")
    a, b, c, d = cells
    total = sum(cells)
    if total == 0:
        return NotEstimable("there is no report", (REPORTS_NOT_RATES,))
    expected = (a + b) * (a + c) / total
    odds = _divided(a * d, b * c, "no report with the event alone or the drug alone, and none to set against them")
    proportional = _divided(a * (c + d), c * (a + b), "no report of the event with other drugs, or of the drug at all")
    return ReportingSignal(
        a,
        b,
        c,
        d,
        level,
        expected,
        _divided(a, expected, "no report is expected, and there is none"),
        odds,
        _limits(odds, lambda: math.sqrt(1 / a + 1 / b + 1 / c + 1 / d), cells, level),
        proportional,
        _limits(proportional, lambda: math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)), cells, level),
        information_component(a, expected, level=level),
    )


def information_component(n: int, expected: float, *, level: float = 0.95) -> Interval:
    """log₂ of observed over expected, both shrunk by ½, with the limits of the gamma posterior behind it."""
    shape, rate = n + 0.5, expected + 0.5
    low, high = (float(special.gammaincinv(shape, q)) / rate for q in ((1 - level) / 2, (1 + level) / 2))
    estimate = math.log2(shape / rate)
    return Interval(estimate, math.log2(low), math.log2(high), level, "gamma", notes=(REPORTS_NOT_RATES,))


def _cell(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise InputError(f"{name}={value!r} is no number of reports", hint="a whole number of at least 0")
    return int(value)


def _divided(over: float, under: float, reason: str) -> float | NotEstimable:
    if under > 0:
        return over / under
    return NotEstimable(reason) if over == 0 else math.inf


def _limits(ratio: float | NotEstimable, error: Any, cells: tuple[int, ...], level: float) -> Interval | NotEstimable:
    if isinstance(ratio, NotEstimable):
        return ratio
    if min(cells) < FEWEST_FOR_LIMITS:
        return NotEstimable(f"a cell has fewer than {FEWEST_FOR_LIMITS} reports: no log-normal limits")
    reach = float(special.ndtri((1 + level) / 2)) * error()
    centre = math.log(ratio)
    return Interval(
        ratio, math.exp(centre - reach), math.exp(centre + reach), level, "log-normal", notes=(REPORTS_NOT_RATES,)
    )
