"""Printed p-values against the statistic, or the counts, that they belong to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from handful.base.errors import InputError, UnknownChoice
from handful.printed.rounding import Printed, printed

_P = re.compile(r"^\s*p?\s*(?P<sign>[<>=≤≥]|<=|>=)?\s*(?P<number>\d*\.?\d+)\s*$", re.IGNORECASE)
NOT_SIGNIFICANT = frozenset({"ns", "n.s.", "not significant"})

STATISTICS = {"t": 1, "F": 2, "chi2": 1, "z": 0, "r": 1}
"""Statistics and how many degrees of freedom each takes."""

TESTS_OF_COUNTS: dict[str, str] = {
    "fisher": "Fisher",
    "fisher-central": "Fisher, doubled tail",
    "fisher-mid-p": "Fisher mid-P",
    "chi-squared": "χ²",
    "chi-squared-yates": "χ² with Yates",
    "score": "χ² with N − 1",
    "likelihood-ratio": "likelihood ratio",
    "wald": "z of two proportions, unpooled",
    "barnard": "Barnard",
    "boschloo": "Boschloo",
}
"""The tests of two proportions that are tried, and their names for people."""

MOST_FOR_UNCONDITIONAL = 200
"""People up to which Barnard's and Boschloo's tests are tried; above, all tests agree closely."""


@dataclass(frozen=True, slots=True)
class PrintedP:
    """A p-value as printed: '=', '<' or '>' and a number."""

    sign: Literal["=", "<", ">"]
    number: Printed
    text: str

    def holds(self, low: float, high: float, *, cut: bool = False) -> bool:
        """Whether a p-value between ``low`` and ``high`` may have been printed so (``cut``: by cutting digits off)."""
        value = float(self.number.value)
        if self.sign == "<":
            return low < value or (value == 0 and low < 1e-300)
        if self.sign == ">":
            return high >= value
        first, last = (value, value + float(self.number.unit)) if cut else _ends(self.number)
        return low <= last * (1 + 1e-12) and high >= first * (1 - 1e-12)

    @property
    def below_5(self) -> bool | None:
        """Whether it says that p is below 0.05; None where it says neither."""
        value = self.number.value
        if self.sign == "<":
            return True if value <= Fraction(5, 100) else None
        if self.sign == ">":
            return False if value >= Fraction(5, 100) else None
        return None if self.number.low < Fraction(5, 100) <= self.number.high else value < Fraction(5, 100)


@dataclass(frozen=True, slots=True)
class PFits:
    """Whether a printed p-value belongs to its statistic or its counts.

    ``low``, ``high``: the p-values that the statistic can have, as it is rounded. ``by``: the tests that give the
    printed one, each with its p (one only for a statistic). ``tried``: all of them. ``if_one_sided``, ``if_cut``: it
    would fit with one tail, or with digits cut off; told, and not accepted. ``changes_the_verdict``: printed and
    computed lie on different sides of 0.05.
    """

    fits: bool
    text: str
    low: float
    high: float
    by: tuple[tuple[str, float], ...]
    tried: tuple[tuple[str, float], ...]
    if_one_sided: bool
    if_cut: bool
    changes_the_verdict: bool
    because: str

    def __bool__(self) -> bool:
        return self.fits

    def __str__(self) -> str:
        return self.because


def printed_p(p: Any) -> PrintedP:
    """``"0.03"``, ``"<.05"``, ``"p > 0.1"``, ``"ns"`` (more than 0.05).

    Raises: :class:`~handful.base.errors.InputError` when it is none of these, or not between 0 and 1.

    >>> printed_p("< .05").sign, printed_p("ns").sign
    ('<', '>')
    """
    text = str(p).strip()
    if text.lower() in NOT_SIGNIFICANT:
        return PrintedP(">", printed("0.05"), text)
    match = _P.match(text)
    if match is None or float(match["number"]) > 1:
        raise InputError(f"p={p!r} is no p-value as printed", hint='accepted: "0.03", "<0.05", ">0.1", "ns"')
    sign: Literal["=", "<", ">"] = "="
    if match["sign"] in ("<", "≤", "<="):
        sign = "<"
    elif match["sign"] in (">", "≥", ">="):
        sign = ">"
    return PrintedP(sign, printed(match["number"]), text)


def p_value_fits(p: Any, statistic: str, value: Any, df: Any = (), *, sides: int = 2) -> PFits:
    """Whether the printed p-value is that of the printed statistic, both as rounded.

    ``statistic``: ``t``, ``F``, ``chi2``, ``z`` or ``r`` (a correlation). ``df``: its degrees of freedom, one number or
    two (F); r takes n − 2. A statistic printed as 2.2 is any value from 2.15 to 2.25: the printed p must be
    one that some of them has, as it is rounded itself, or as its ``<`` or ``>`` says. ``sides``: 1 or 2 (t, z, r).

    Edges: F and χ² are never negative, |r| is at most 1: outside, nothing fits. p printed as 0.000 is below 0.0005.
    Raises: :class:`~handful.base.errors.InputError` for an unknown statistic, wrong df, or text that is no number.
    Source: Nuijten, Hartgerink, van Assen, Epskamp, Wicherts 2016, doi:10.3758/s13428-015-0664-2.

    >>> print(p_value_fits("0.152", "t", "-1.96", 97.2))
    t(97.2) = -1.96 has p from 0.05227 to 0.05346, not 0.152
    >>> p_value_fits("0.005", "t", "2.9", 97.7).fits
    True
    """
    from handful.stats.converting.statistic_tails import p_of_statistic

    if statistic not in STATISTICS:
        raise UnknownChoice("statistic", statistic, tuple(STATISTICS))
    given = tuple(float(d) for d in (df if isinstance(df, tuple | list) else (df,)))
    if len(given) != STATISTICS[statistic] or any(d <= 0 for d in given):
        raise InputError(f"df={df!r}", hint=f"{statistic} takes {STATISTICS[statistic]} degrees of freedom above 0")
    number, said = printed(value, name="value"), printed_p(p)
    name = statistic + (f"({', '.join(f'{d:g}' for d in given)})" if given else "") + f" = {number.text}"
    lowest, highest = float(number.low), float(number.high)
    if statistic in ("F", "chi2") and highest < 0:
        return PFits(False, said.text, 0.0, 0.0, (), (), False, False, False, f"{name}: {statistic} is never negative")
    if statistic == "r" and (lowest > 1 or highest < -1):
        return PFits(False, said.text, 0.0, 0.0, (), (), False, False, False, f"{name}: r lies between −1 and 1")
    ends = [abs(lowest), abs(highest)] if statistic not in ("F", "chi2") else [max(lowest, 0.0), highest]
    largest, smallest = max(ends), (0.0 if lowest <= 0 <= highest else min(ends))
    low, high = (p_of_statistic(statistic, v, given, sides) for v in (largest, smallest))
    fits = said.holds(low, high)
    two_tails = statistic in ("t", "z", "r") and sides == 2
    one_sided = not fits and two_tails and said.holds(low / 2, high / 2)
    cut = not fits and said.sign == "=" and said.holds(low, high, cut=True)
    verdict = (said.below_5 is True and low >= 0.05) or (said.below_5 is False and high < 0.05)
    span = f"p from {low:.4g} to {high:.4g}"
    because = f"{name} has {span}, as printed ({said.text})" if fits else f"{name} has {span}, not {said.text}"
    because += _told(one_sided, cut)
    found = ((statistic, p_of_statistic(statistic, float(number.value), given, sides)),)
    return PFits(fits, said.text, low, high, found if fits else (), found, one_sided, cut, verdict, because)


def p_value_fits_counts(p: Any, x1: int, n1: int, x2: int, n2: int, *, sides: int = 2) -> PFits:
    """Whether some usual test of ``x1`` of ``n1`` against ``x2`` of ``n2`` gives the printed p-value, and which.

    Tried: Fisher (both two-sided forms, and mid-P), χ² (plain, Yates, N − 1), the likelihood ratio, z unpooled; where
    none of them gives it, up to 200 people, Barnard and Boschloo. Papers often do not say which one they
    ran: any one is enough.

    Edges: nobody in a group, or no events at all: tests that are not defined then are left out.
    Raises: :class:`~handful.base.errors.InputError` for more events than people or a p that is no number.
    Source: the idea of Nuijten et al. 2016, doi:10.3758/s13428-015-0664-2, for counts.

    >>> print(p_value_fits_counts("0.03", 7, 34, 1, 34))
    7 of 34 against 1 of 34: p 0.03 is that of Fisher mid-P
    """
    said = printed_p(p)
    if min(x1, x2) < 0 or x1 > n1 or x2 > n2 or min(n1, n2) < 1:
        raise InputError(f"{x1} of {n1} against {x2} of {n2}", hint="accepted: events from 0 to the number of people")
    halves = sides == 1
    values: dict[str, float] = {}
    by: tuple[tuple[str, float], ...] = ()
    for tests in (_tests, _unconditional):  # the second is dear, and tried where the first gives nothing
        values |= {name: value / 2 if halves else value for name, value in tests(x1, n1, x2, n2).items()}
        by = tuple((name, value) for name, value in values.items() if said.holds(value, value))
        if by:
            break
    low, high = min(values.values()), max(values.values())
    one_sided = not by and not halves and any(said.holds(v / 2, v / 2) for v in values.values())
    cut = not by and said.sign == "=" and any(said.holds(v, v, cut=True) for v in values.values())
    verdict = (said.below_5 is True and low >= 0.05) or (said.below_5 is False and high < 0.05)
    subject = f"{x1} of {n1} against {x2} of {n2}"
    listed = ", ".join(f"{TESTS_OF_COUNTS[name]} {value:.3g}" for name, value in values.items())
    if by:
        because = f"{subject}: p {said.text} is that of {' and '.join(TESTS_OF_COUNTS[name] for name, _ in by)}"
    else:
        because = f"{subject}: no usual test gives p {said.text} ({listed})" + _told(one_sided, cut)
    return PFits(bool(by), said.text, low, high, by, tuple(values.items()), one_sided, cut, verdict, because)


def _tests(x1: int, n1: int, x2: int, n2: int) -> dict[str, float]:
    """p by test; two-sided."""
    from math import log

    from handful.stats.converting.statistic_tails import p_of_statistic
    from handful.stats.two_groups.two_by_two import two_groups

    groups = two_groups(x1, n1, x2, n2)
    names = ["fisher", "fisher-central", "fisher-mid-p"]
    some = 0 < x1 + x2 < n1 + n2
    if some:
        names += ["chi-squared", "chi-squared-yates", "score"]
    found = {name: float(groups.p_value(test=name)) for name in names}
    if some:
        total, events = n1 + n2, x1 + x2
        g = 0.0
        for cell, row, column in (
            (x1, n1, events),
            (n1 - x1, n1, total - events),
            (x2, n2, events),
            (n2 - x2, n2, total - events),
        ):
            g += 2 * cell * log(cell * total / (row * column)) if cell else 0.0
        found["likelihood-ratio"] = p_of_statistic("chi2", g, (1.0,))
        spread = x1 * (n1 - x1) / n1**3 + x2 * (n2 - x2) / n2**3
        if spread > 0:
            found["wald"] = p_of_statistic("z", (x1 / n1 - x2 / n2) / spread**0.5, ())
    return {name: found[name] for name in TESTS_OF_COUNTS if name in found}


def _unconditional(x1: int, n1: int, x2: int, n2: int) -> dict[str, float]:
    """Barnard's and Boschloo's p; two-sided."""
    from handful.stats.two_groups.two_by_two import two_groups

    if n1 + n2 > MOST_FOR_UNCONDITIONAL or not 0 < x1 + x2 < n1 + n2:
        return {}
    groups = two_groups(x1, n1, x2, n2)
    return {name: float(groups.p_value(test=name)) for name in ("barnard", "boschloo")}


def _told(one_sided: bool, cut: bool) -> str:
    said = "; with one tail it would fit" if one_sided else ""
    return said + ("; with digits cut off it would fit" if cut else "")


def _ends(number: Printed) -> tuple[float, float]:
    return max(float(number.low), 0.0), min(float(number.high), 1.0)
