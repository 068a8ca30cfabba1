"""Which model is used when none is named: a table over the number of studies and their counts, each row with its
reason.

The choice looks at k and at empty or full studies only, never at a test of heterogeneity or at the answer (Bender
2018, 10.1002/jrsm.1297). A re-analysis (leave-one-out, an update) keeps its parent's model: pass it by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from handful.stats.evidence import Estimates, Evidence, OneArm, OneArmRates


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
        "with so few studies the data hardly inform τ, and likelihood limits are too narrow or absurdly wide; "
        "a stated prior on τ closes the gap openly",
        "10.1002/jrsm.1297",
    ),
    Default(
        "OneArm",
        "bayes",
        lambda k, empty, full: empty + full > 0,
        "some study is 0 of n or n of n",
        "empty and full studies give one-sided curves, for which maximum likelihood may have no finite answer "
        "and large-sample limits fail",
        "10.1002/jrsm.1370",
    ),
    Default(
        "OneArm",
        "binomial-normal",
        lambda k, empty, full: True,
        f"k ≥ {FEW} and no study empty or full",
        "the exact likelihood of the counts; no correction, no normal approximation within studies",
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
        "poisson-normal",
        lambda k, empty, full: True,
        "k ≥ 2",
        "the exact likelihood of the counts; no correction, no normal approximation within studies",
        "10.1002/sim.4040",
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


def default_model(evidence: Evidence) -> tuple[str, str] | None:
    """Name of the default and the sentence that says why, or None where there is none for this kind of evidence."""
    kind = type(evidence).__name__
    k, empty, full = len(evidence), 0, 0
    if isinstance(evidence, OneArm):
        empty = int(np.sum(evidence.events == 0))
        full = int(np.sum(evidence.events == evidence.totals))
    elif isinstance(evidence, OneArmRates):
        empty = int(np.sum(evidence.events == 0))
    elif not isinstance(evidence, Estimates):
        return None
    for row in DEFAULTS:
        if row.evidence == kind and row.applies(k, empty, full):
            if row.model == SINGLE:
                return SINGLE, f"{_facts(k, empty, full)}: {row.reason}"
            return row.model, f"model {row.model} chosen because {_facts(k, empty, full)} ({row.when}): {row.reason}"
    return None


def _facts(k: int, empty: int, full: int) -> str:
    facts = [f"k = {k}"]
    if empty:
        facts.append(f"{empty} {'study has' if empty == 1 else 'studies have'} no responders")
    if full:
        facts.append(f"in {full} {'study' if full == 1 else 'studies'} everyone responded")
    return " and ".join(facts)
