"""Fixed words about how sure one can be."""

from __future__ import annotations

from handful.base.wording import human_list, plural
from handful.certainty.certainty import DOMAIN_WORDS, Certainty, Domain

DOTS: dict[str, str] = {"very-low": "●○○○", "low": "●●○○", "moderate": "●●●○", "high": "●●●●"}
"""The level drawn with signs, so that it does not rest on colour; the word always stands beside it."""

MEANS: dict[str, str] = {
    "very-low": "the evidence is very uncertain",
    "low": "the truth may be quite different",
    "moderate": "the truth is probably near, but may be different",
    "high": "further studies are unlikely to change it much",
}

TWO_QUESTIONS = (
    "Two things can be asked of a count. Is it the treatment that makes the difference? And how often will it be seen "
    "in such people, whatever the reason? The second can be surer than the first, because it needs no comparison."
)
NOT_JUDGED = "not judged yet; it counts as one step down until somebody judges it"
BOTH_WAYS = (
    "The drug meant to treat the disease is also reported to bring it on or to make it worse. Here are the counts both "
    "ways, of the same people. They do not show what would have happened without the drug."
)


def domain_words(domain: Domain) -> str:
    """'Imprecision, 3 steps down: the interval … reaches across 0.10.'"""
    name = DOMAIN_WORDS[domain.name]
    name = name[:1].upper() + name[1:]
    if domain.made == "not-judged":
        return f"{name}: {NOT_JUDGED}."
    if domain.steps == 0:
        how = "no step"
    else:
        how = f"{plural(abs(domain.steps), 'step')} {'down' if domain.steps < 0 else 'up'}"
    said = f"{name}, {how}{', computed' if domain.made == 'computed' else ''}: {domain.because}."
    if domain.overrides:
        assert domain.computed is not None
        said += f" Computed: {plural(abs(domain.computed), 'step') if domain.computed else 'no step'}."
    return said


def start_words(found: Certainty) -> str:
    """'As an effect it starts at very low: case series without a comparison group.'"""
    about = "As an effect of the treatment" if found.about == "effect" else "As a forecast"
    return f"{about} it starts at {found.start.replace('-', ' ')}: {found.start_because}."


def level_meaning(levels: list[str]) -> str:
    """'very low: the evidence is very uncertain' for the levels that are shown."""
    return human_list([f"{DOTS[x]} {x.replace('-', ' ')}: {MEANS[x]}" for x in levels], last="and")


__all__ = ["BOTH_WAYS", "DOTS", "MEANS", "TWO_QUESTIONS", "domain_words", "level_meaning", "start_words"]
