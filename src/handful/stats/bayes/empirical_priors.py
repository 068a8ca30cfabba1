"""Priors for the between-study sd from many published meta-analyses: Turner 2015 (log odds ratio), Rhodes 2015 (SMD).

They are predictive distributions of τ² for a new meta-analysis of the stated kind. Figures are in
``data/heterogeneity_priors.json`` with their sources: Turner et al. 2015, Stat Med 34:984–998 (10.1002/sim.6381);
Rhodes, Turner & Higgins 2015, J Clin Epidemiol 68:52–60 (10.1016/j.jclinepi.2014.08.012).
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

from handful.base.errors import InputError, UnknownChoice
from handful.stats.bayes.priors import LogNormal, LogT


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    text = files("handful.stats").joinpath("data/heterogeneity_priors.json").read_text(encoding="utf-8")
    tables: dict[str, Any] = json.loads(text)
    return tables


def turner_2015(outcome: str | None = None, comparison: str | None = None) -> LogNormal:
    """τ² of log odds ratios is log-normal; without arguments the marginal one, for any outcome and comparison.

    ``outcome`` and ``comparison`` are the paper's words; a name that is not there is answered with those that are.

    Example
    -------
    >>> print(turner_2015())
    log-normal(mean -2.56, sd 1.74) of τ²
    """
    table = _tables()["turner_2015"]
    if outcome is None:
        _needs_outcome(table, comparison=comparison)
        return LogNormal(table["marginal"]["mu"], table["marginal"]["sigma"], of="tau2")
    found = _row(table, outcome, comparison, None)
    return LogNormal(found["mu"], found["sigma"], of="tau2")


def rhodes_2015(outcome: str | None = None, comparison: str | None = None, area: str = "other") -> LogT:
    """τ² of standardised mean differences is log-t on 5 degrees of freedom; without arguments the marginal one.

    ``area`` is "other", "respiratory" or "cancer".
    """
    table = _tables()["rhodes_2015"]
    if outcome is None:
        _needs_outcome(table, comparison=comparison, area=None if area == "other" else area)
        return LogT(5, table["marginal"]["location"], table["marginal"]["scale"], of="tau2")
    found = _row(table, outcome, comparison, area)
    return LogT(5, found["location"], found["scale"], of="tau2")


def _needs_outcome(table: dict[str, Any], **given: str | None) -> None:
    """A comparison or an area alone picks no row."""
    for name, value in given.items():
        if value is not None:
            known = ", ".join(row["outcome"] for row in table["rows"])
            raise InputError(f"{name}={value!r} without an outcome", hint=f"outcomes: {known}")


def _row(table: dict[str, Any], outcome: str, comparison: str | None, area: str | None) -> dict[str, Any]:
    rows = {row["outcome"]: row["params"] for row in table["rows"]}
    if outcome not in rows:
        raise UnknownChoice("outcome", outcome, tuple(rows))
    settings = {p["comparison"]: p for p in rows[outcome] if area is None or p["area"] == area}
    if area is not None and not settings:
        raise UnknownChoice("area", area, tuple(sorted({p["area"] for p in rows[outcome]})))
    if comparison not in settings:
        raise UnknownChoice("comparison", comparison, tuple(settings))
    found: dict[str, Any] = settings[comparison]
    return found
