"""Words about how sure one can be, and why."""

from __future__ import annotations

from collections.abc import Sequence

from handful.base.wording import capital, decimal, human_list, plural, range_per_100
from handful.certainty.certainty import Certainty, Domain
from handful.records.judgement import Judgement
from handful.stats.agreement.kappa import Agreement
from handful.stats.results import Interval, NotEstimable
from handful.words.language import told

DOTS: dict[str, str] = {"very-low": "●○○○", "low": "●●○○", "moderate": "●●●○", "high": "●●●●"}
"""The level drawn with signs, so that it does not rest on colour; the word always stands beside it."""


def certainty_word(level: str) -> str:
    """'very low'."""
    return told(f"certainty.{level}")


def domain_words(domain: Domain) -> str:
    """'Imprecision, 3 steps down: the interval … reaches across 0.10.'"""
    name = capital(told(f"domains.{domain.name}"))
    if domain.made == "not-judged":
        return told("sure.not-judged", domain=name)
    key = "sure.domain-computed" if domain.made == "computed" else "sure.domain"
    said = told(key, domain=name, how=_steps(domain.steps), because=domain.because)
    if not domain.overrides:
        return said
    assert domain.computed is not None
    computed = plural(abs(domain.computed), "step") if domain.computed else told("sure.no-step")
    return told("sure.departs", said=said, how=computed)


def _steps(steps: int) -> str:
    if steps == 0:
        return told("sure.no-step")
    return told("sure.down" if steps < 0 else "sure.up", steps=plural(abs(steps), "step"))


def start_words(found: Certainty) -> str:
    """'As an effect of the treatment it starts at very low: case series without a comparison group.'"""
    key = "sure.start-effect" if found.about == "effect" else "sure.start-rate"
    return told(key, level=certainty_word(found.start), because=found.start_because)


def raters_words(judged: Sequence[Judgement], found: Agreement | NotEstimable) -> str:
    """How many judgements two raters made apart, and how far they agreed; or that one rater alone made all."""
    two = sum(len(one.raters) >= 2 for one in judged)
    if not two:
        return told("raters.one-alone", judgements=len(judged))
    if isinstance(found, NotEstimable):
        return told("raters.two", two=two, judgements=len(judged))
    return told("raters.two-agreed", two=two, judgements=len(judged), agreement=agreement_words(found))


def agreement_words(found: Agreement) -> str:
    """'20 of 24 answers alike (exact interval 63 to 95 in 100), kappa 0.62 (0.30 to 0.94)'."""
    alike = told("raters.alike", agreed=found.agreed, answers=plural(found.things, "answer"))
    if isinstance(found.agreement, Interval):
        span = range_per_100(float(found.agreement.low), float(found.agreement.high))
        alike = told("raters.alike-range", alike=alike, range=span)
    if isinstance(found.kappa, NotEstimable):
        return told("raters.no-kappa", alike=alike, reason=found.kappa.reason)
    value = decimal(found.kappa)
    if isinstance(found.interval, NotEstimable):
        return told("raters.kappa-alone", alike=alike, kappa=value, reason=found.interval.reason)
    low, high = decimal(float(found.interval.low)), decimal(float(found.interval.high))
    return told("raters.kappa", alike=alike, kappa=value, low=low, high=high)


def level_meaning(levels: list[str]) -> str:
    """'very low: the evidence is very uncertain' for the levels that are shown."""
    said = [told("sure.level", dots=DOTS[x], level=certainty_word(x), means=told(f"sure.means.{x}")) for x in levels]
    return human_list(said)


__all__ = [
    "DOTS",
    "agreement_words",
    "certainty_word",
    "domain_words",
    "level_meaning",
    "raters_words",
    "start_words",
]
