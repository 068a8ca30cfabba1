"""Which model is used when none is named: a table over the number of studies and their counts, each row with its
reason.

The choice looks at k and at empty or full studies only, never at a test of heterogeneity or at the answer (Bender
2018, 10.1002/jrsm.1297). A re-analysis (leave-one-out, an update) keeps its parent's model: pass it by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.stats.evidence import Estimates, OneArm, OneArmRates, TwoArmRates, TwoArms


@dataclass(frozen=True, slots=True)
class Default:
    """``applies(k, empty, full)`` decides; ``empty`` and ``full`` count studies with no event and with nothing but
    events."""

    evidence: str
    model: str
    applies: Callable[[int, int, int], bool]
    when: str
    reason: str
    reference: str


FEW = 5

FEW_STUDIES = (
    "with so few studies the data hardly inform τ, and likelihood limits are too narrow or absurdly "
    "wide; a stated prior on τ closes the gap openly"
)
EMPTY_OR_FULL = (
    "empty and full studies or groups give one-sided curves, for which maximum likelihood may have no finite "
    "answer and large-sample limits fail"
)
COUNTS_EXACTLY = "the exact likelihood of the counts; no correction, no normal approximation within studies"
NO_EVENT_IN_SOME = (
    "a study without events bounds its rate from one side only, and the average of a log-normal "
    "spread of rates then has a likelihood limit no study has shown"
)
GIVEN_MARGINS = (
    "the exact likelihood of the counts given their margins; no correction, no baseline, no normal "
    "approximation within studies"
)
GIVEN_SUM = (
    "the exact likelihood of the counts given their sum; no correction, no baseline, no normal "
    "approximation within studies"
)
NO_CONDITIONING = (
    "a risk ratio has no exact conditional likelihood; no cell is empty, so every study has an effect and a variance"
)
DIFFERENCE = (
    "studies without events carry information on a difference but have variance 0 in an "
    "inverse-variance mean; here they stay in without a correction"
)
SINGLE = "single-study"  # not a model of the table: what pooling becomes when there is one study

DEFAULTS: tuple[Default, ...] = (
    Default(
        "OneArm",
        SINGLE,
        lambda k, empty, full: k == 1,
        "k = 1",
        "one study is shown with its own exact interval; nothing is pooled",
        "10.1093/biomet/26.4.404",
    ),
    Default(
        "OneArm",
        "bayes",
        lambda k, empty, full: k < FEW,
        f"k < {FEW}",
        FEW_STUDIES,
        "10.1002/jrsm.1297",
    ),
    Default(
        "OneArm",
        "bayes",
        lambda k, empty, full: empty + full > 0,
        "some study is 0 of n or n of n",
        EMPTY_OR_FULL,
        "10.1002/jrsm.1370",
    ),
    Default(
        "OneArm",
        "binomial-normal",
        lambda k, empty, full: True,
        f"k ≥ {FEW} and no study empty or full",
        COUNTS_EXACTLY,
        "10.1002/sim.4040",
    ),
    Default(
        "OneArmRates",
        SINGLE,
        lambda k, empty, full: k == 1,
        "k = 1",
        "one study is shown with its own exact interval; nothing is pooled",
        "10.1093/biomet/28.3-4.437",
    ),
    Default(
        "OneArmRates",
        "common-effect",
        lambda k, empty, full: empty == k,
        "no event in any study",
        "nothing can be said about differences between studies, but the exact upper limit on the total stands",
        "10.1093/biomet/28.3-4.437",
    ),
    Default(
        "OneArmRates",
        "bayes",
        lambda k, empty, full: k < FEW,
        f"k < {FEW}",
        FEW_STUDIES,
        "10.1002/jrsm.1297",
    ),
    Default(
        "OneArmRates",
        "bayes",
        lambda k, empty, full: empty > 0,
        "some study has no event",
        NO_EVENT_IN_SOME,
        "10.1002/jrsm.1370",
    ),
    Default(
        "OneArmRates",
        "poisson-normal",
        lambda k, empty, full: True,
        f"k ≥ {FEW} and an event in every study",
        COUNTS_EXACTLY,
        "10.1002/sim.4040",
    ),
    Default(
        "TwoArms OR",
        SINGLE,
        lambda k, empty, full: k == 1,
        "k = 1",
        "one study is shown with its own interval; nothing is pooled",
        "10.1093/biomet/26.4.404",
    ),
    Default(
        "TwoArms OR",
        "bayes",
        lambda k, empty, full: k < FEW,
        f"k < {FEW}",
        FEW_STUDIES,
        "10.1002/jrsm.1297",
    ),
    Default(
        "TwoArms OR",
        "bayes",
        lambda k, empty, full: k > 0 and empty + full > 0,
        "some group is empty or full",
        EMPTY_OR_FULL,
        "10.1002/jrsm.1370",
    ),
    Default(
        "TwoArms OR",
        "hypergeometric-normal",
        lambda k, empty, full: True,
        f"k ≥ {FEW} and no group empty or full",
        GIVEN_MARGINS,
        "10.1002/sim.4040",
    ),
    Default(
        "TwoArms RR",
        SINGLE,
        lambda k, empty, full: k == 1,
        "k = 1",
        "one study is shown with its own interval; nothing is pooled",
        "10.1093/biomet/26.4.404",
    ),
    Default(
        "TwoArms RR",
        "bayes",
        lambda k, empty, full: k < FEW,
        f"k < {FEW}",
        FEW_STUDIES,
        "10.1002/jrsm.1297",
    ),
    Default(
        "TwoArms RR",
        "bayes",
        lambda k, empty, full: k > 0 and empty + full > 0,
        "some group is empty or full",
        EMPTY_OR_FULL,
        "10.1002/jrsm.1370",
    ),
    Default(
        "TwoArms RR",
        "random-effects",
        lambda k, empty, full: True,
        f"k ≥ {FEW} and no group empty or full",
        NO_CONDITIONING,
        "10.1002/jrsm.1164",
    ),
    Default(
        "TwoArmRates IRR",
        SINGLE,
        lambda k, empty, full: k == 1,
        "k = 1",
        "one study is shown with its own interval; nothing is pooled",
        "10.1093/biomet/26.4.404",
    ),
    Default(
        "TwoArmRates IRR",
        "bayes",
        lambda k, empty, full: k < FEW,
        f"k < {FEW}",
        FEW_STUDIES,
        "10.1002/jrsm.1297",
    ),
    Default(
        "TwoArmRates IRR",
        "bayes",
        lambda k, empty, full: k > 0 and empty + full > 0,
        "some group is empty or full",
        EMPTY_OR_FULL,
        "10.1002/jrsm.1370",
    ),
    Default(
        "TwoArmRates IRR",
        "poisson-normal",
        lambda k, empty, full: True,
        f"k ≥ {FEW} and no group empty or full",
        GIVEN_SUM,
        "10.1002/sim.4040",
    ),
    Default(
        "TwoArms RD",
        SINGLE,
        lambda k, empty, full: k == 1,
        "k = 1",
        "one study is shown with its own interval; nothing is pooled",
        "10.1002/sim.4780040211",
    ),
    Default(
        "TwoArms RD",
        "mantel-haenszel",
        lambda k, empty, full: k < FEW or empty + full > 0,
        f"k < {FEW}, or some group is empty or full",
        DIFFERENCE,
        "10.2307/2531712",
    ),
    Default(
        "TwoArms RD",
        "random-effects",
        lambda k, empty, full: True,
        f"k ≥ {FEW} and no group empty or full",
        "every study has an effect and a variance; effects may differ between studies",
        "10.1002/jrsm.1164",
    ),
    Default(
        "TwoArms other",
        "random-effects",
        lambda k, empty, full: True,
        "any k",
        "this effect of a 2×2 table is pooled by inverse variance",
        "10.1002/jrsm.1164",
    ),
    Default(
        "TwoArmRates IRD",
        "mantel-haenszel",
        lambda k, empty, full: True,
        "any k",
        DIFFERENCE,
        "10.2307/2530643",
    ),
    Default(
        "TwoArmRates other",
        "random-effects",
        lambda k, empty, full: True,
        "any k",
        "this effect of two rates is pooled by inverse variance",
        "10.1002/jrsm.1164",
    ),
    Default(
        "Combined",
        "bayes",
        lambda k, empty, full: True,
        "any k",
        "counts and published estimates meet as likelihood curves; stated priors close what few studies leave open",
        "10.1002/jrsm.1370",
    ),
    Default(
        "Estimates",
        "random-effects",
        lambda k, empty, full: True,
        "any k",
        "published estimates have only a variance; REML with Hartung–Knapp limits that are never narrower than Wald's",
        "10.1186/s12874-015-0091-1",
    ),
)


def default_model(evidence: Any, measure: str | None = None) -> tuple[str, str] | None:
    """Name of the default and the sentence that says why, or None where there is none for this kind of evidence.

    For two groups the measure decides too, and ``k`` counts the studies that carry information on it.
    """
    kind = type(evidence).__name__
    k, empty, full = len(evidence), 0, 0
    if isinstance(evidence, OneArm):
        empty = int(np.sum(evidence.events == 0))
        full = int(np.sum(evidence.events == evidence.totals))
    elif isinstance(evidence, OneArmRates):
        empty = int(np.sum(evidence.events == 0))
    elif isinstance(evidence, TwoArms | TwoArmRates):
        kind, k, empty, full = _two_groups(evidence, measure)
    elif not isinstance(evidence, Estimates) and kind != "Combined":
        return None
    two = isinstance(evidence, TwoArms | TwoArmRates)
    for row in DEFAULTS:
        if row.evidence == kind and row.applies(k, empty, full):
            facts = _facts(k, empty, full, two=two, rates=isinstance(evidence, OneArmRates))
            if row.model == SINGLE:
                return SINGLE, f"{facts}: {row.reason}"
            return row.model, f"model {row.model} chosen because {facts} ({row.when}): {row.reason}"
    return None


def _two_groups(evidence: TwoArms | TwoArmRates, measure: str | None) -> tuple[str, int, int, int]:
    """Which rows apply, how many studies carry information, and how many have an empty or a full group."""
    x1, x2 = evidence.events1, evidence.events2
    if isinstance(evidence, TwoArmRates):
        chosen = "IRR" if measure is None else measure
        counted = x1 + x2 > 0 if chosen == "IRR" else np.ones(len(x1), dtype=bool)
        empty = int(np.sum(counted & ((x1 == 0) | (x2 == 0))))
        return f"TwoArmRates {chosen if chosen in ('IRR', 'IRD') else 'other'}", int(counted.sum()), empty, 0
    chosen = "OR" if measure is None else measure
    n1, n2 = evidence.totals1, evidence.totals2
    counted = np.ones(len(x1), dtype=bool)
    if chosen in ("OR", "RR"):
        counted = x1 + x2 > 0
    if chosen == "OR":
        counted &= x1 + x2 < n1 + n2
    empty = int(np.sum(counted & ((x1 == 0) | (x2 == 0))))
    full = int(np.sum(counted & ((x1 == n1) | (x2 == n2))))
    return f"TwoArms {chosen if chosen in ('OR', 'RR', 'RD') else 'other'}", int(counted.sum()), empty, full


def _facts(k: int, empty: int, full: int, *, two: bool = False, rates: bool = False) -> str:
    facts = [f"k = {k}"]
    if two:
        if empty:
            facts.append(f"in {empty} {'study' if empty == 1 else 'studies'} a group has no event")
        if full:
            facts.append(f"in {full} {'study' if full == 1 else 'studies'} everyone in a group had the event")
        return " and ".join(facts)
    if empty:
        facts.append(f"{empty} {'study has' if empty == 1 else 'studies have'} no {'event' if rates else 'responders'}")
    if full:
        facts.append(f"in {full} {'study' if full == 1 else 'studies'} everyone responded")
    return " and ".join(facts)
