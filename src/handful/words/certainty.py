"""Words about how sure one can be, and why."""

from __future__ import annotations

from handful.base.wording import capital, human_list, plural
from handful.certainty.certainty import Certainty, Domain
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


def level_meaning(levels: list[str]) -> str:
    """'very low: the evidence is very uncertain' for the levels that are shown."""
    said = [told("sure.level", dots=DOTS[x], level=certainty_word(x), means=told(f"sure.means.{x}")) for x in levels]
    return human_list(said)


__all__ = ["DOTS", "certainty_word", "domain_words", "level_meaning", "start_words"]
