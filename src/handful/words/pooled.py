"""A pooled result in words: studies listed below three, and from three on with what another study could show (W10)."""

from __future__ import annotations

import math
from typing import Any

from handful.base.wording import FEWEST_FOR_PERCENT
from handful.stats.results import Fit, Interval, NotEstimable
from handful.words.about import About, around, statement
from handful.words.numbers_in_words import count, counted, joined, people, range_in, share_in, studies
from handful.words.rates import exact_range
from handful.words.sentence import Number, Sentence, joined_by_space
from handful.words.statements import average_span, baseline_sentence, difference_span, frame_for, size_words

FEWEST = 3
"""Below this many studies there is no pooled headline."""

ONE_ARM = frozenset({"proportion", "PR", "PLO", "PAS", "PFT", "PLN"})
RATIOS = frozenset({"RR", "OR", "PETO"})
NAME = "n-pooled"
WITHOUT_DESIGN = "two arms have words only with their design: design='randomised' (or 'non-randomised')"


def pooled_words(fit: Fit, about: About) -> Sentence | NotEstimable:
    """The sentence of a fit, by its measure."""
    if fit.measure in ONE_ARM:
        return _rate(fit, about)
    if fit.measure in RATIOS or fit.measure == "RD":
        return _difference(fit, about)
    if fit.measure == "MD":
        return _mean_difference(fit, about)
    reason = f"there are no words for a pooled {fit.measure} that a reader could take for people"
    return NotEstimable(f"{reason}; there are for proportions, RD, RR, OR (with baseline=) and MD (with unit=)")


def _rate(fit: Fit, about: About) -> Sentence | NotEstimable:
    words = about.language
    if fit.k < FEWEST:
        return joined_by_space(_listed(fit, about), *around(about, None, compared=False))
    limits = _numbers(fit.estimate, fit.low, fit.high)
    if limits is None:
        return NotEstimable("the pooled rate or its limits cannot be estimated")
    estimate, low, high = limits
    frame = about.frame or 100
    total = _people(fit)
    said: dict[str, Any] = {
        "studies": studies(fit.k, words),
        "people": people(total, words) if total is not None else "",
        "outcome": about.outcome,
        "range": Number(range_in(low, high, words, frame=frame), NAME),
    }
    if total is None:
        return NotEstimable("how many people stand behind it is not known")
    if total < FEWEST_FOR_PERCENT:
        made = words.say("pooled.rate-few", **said)
    else:
        made = words.say("pooled.rate", **said, about=Number(share_in(estimate, words, frame=frame), NAME))
    return joined_by_space(
        made, _predicted(fit, about, frame), _spread(fit, about), *around(about, None, compared=False)
    )


def _predicted(fit: Fit, about: About, frame: int) -> Sentence:
    if isinstance(fit.prediction, NotEstimable):
        return about.language.say("pooled.no-prediction")
    wide = range_in(float(fit.prediction.low), float(fit.prediction.high), about.language, frame=frame)
    return about.language.say("pooled.prediction", range=Number(wide, NAME))


def _spread(fit: Fit, about: About) -> Sentence:
    """'The studies themselves run from 0 of 12 to 11 of 24.'"""
    counts = _counts(fit)
    if not counts:
        return Sentence()
    by_rate = sorted(counts, key=lambda row: (row[1] / row[2], row[2]))
    least, most = (Number(count(x, n, about.language), NAME) for _, x, n in (by_rate[0], by_rate[-1]))
    return about.language.say("pooled.spread", least=least, most=most)


def _listed(fit: Fit, about: About) -> Sentence:
    words = about.language
    counts, pairs = _counts(fit), _pairs(fit)
    if counts:
        parts = [
            words.say("pooled.listed-study", label=label, count=_count(x, n, about), range=_range(x, n, about))
            for label, x, n in counts
        ]
    elif pairs:
        parts = [
            words.say(
                "pooled.listed-pair", label=label, first=about.first, second=about.second,
                first_count=_count(x1, n1, about), second_count=_count(x2, n2, about),
                first_range=_range(x1, n1, about), second_range=_range(x2, n2, about),
            )
            for label, x1, n1, x2, n2 in pairs
        ]  # fmt: skip
    else:
        total = _people(fit)
        who = people(total, words) if total is not None else "?"
        return words.say("pooled.listed-unknown", studies=studies(fit.k, words), people=who)
    return words.say("pooled.listed", studies=studies(fit.k, words), list=joined(parts, words))


def _count(x: int, n: int, about: About) -> Number:
    return Number(counted(x, n, about.language), NAME)


def _range(x: int, n: int, about: About) -> Number:
    return Number(exact_range(x, n, about.language, frame=about.frame or 100), NAME)


def _difference(fit: Fit, about: About) -> Sentence | NotEstimable:
    words = about.language
    if not about.compared:
        return NotEstimable(WITHOUT_DESIGN)
    if fit.k == 2:
        return _listed(fit, about)
    limits = _numbers(fit.estimate, fit.low, fit.high)
    if limits is None:
        return NotEstimable("the pooled effect or its limits cannot be estimated")
    if fit.measure in RATIOS and about.baseline is None:
        reason = "a ratio says nothing without the risk it applies to"
        return NotEstimable(f"{reason}: give baseline=, the rate in the second group, between 0 and 1")
    if about.baseline is not None and not 0 <= about.baseline <= 1:
        return NotEstimable(f"baseline={about.baseline} is no rate between 0 and 1")
    low, high = (_as_difference(limit, fit.measure, about.baseline) for limit in limits[1:])
    effect = Interval(0.0, low, high, fit.level, fit.interval_method)
    parts = [_over(fit, about)]
    frame = about.frame or frame_for(low, high)
    if about.baseline is not None:
        parts.append(
            baseline_sentence(
                about.baseline, about.baseline + low, about.baseline + high, first=about.first, second=about.second,
                outcome=about.outcome, name=NAME, language=words, frame=frame,
            )
        )  # fmt: skip
    parts.append(statement(effect, about))
    if fit.k >= FEWEST:
        parts.append(_predicted_difference(fit, about, frame))
    parts += around(about, None, compared=True, level=fit.level)
    return joined_by_space(*parts)


def _predicted_difference(fit: Fit, about: About, frame: int) -> Sentence:
    if isinstance(fit.prediction, NotEstimable):
        return about.language.say("pooled.no-prediction")
    low, high = (
        _as_difference(float(end), fit.measure, about.baseline) for end in (fit.prediction.low, fit.prediction.high)
    )
    span = Number(difference_span(low, high, about.language, frame=frame), NAME)
    return about.language.say("pooled.prediction-difference", span=span, frame=frame)


def _as_difference(effect: float, measure: str, baseline: float | None) -> float:
    """A ratio at a baseline risk, or a difference, as a difference of rates."""
    if measure == "RD" or baseline is None:
        return max(-1.0, min(1.0, effect))
    if measure == "RR":
        return min(1.0, baseline * effect) - baseline if math.isfinite(effect) else 1.0 - baseline
    if baseline in (0.0, 1.0):
        return 0.0
    if not math.isfinite(effect):
        return 1.0 - baseline
    odds = effect * baseline / (1 - baseline)
    return odds / (1 + odds) - baseline


def _mean_difference(fit: Fit, about: About) -> Sentence | NotEstimable:
    limits = _numbers(fit.estimate, fit.low, fit.high)
    if limits is None:
        return NotEstimable("the pooled difference or its limits cannot be estimated")
    if about.unit is None:
        return NotEstimable("a mean difference needs its unit: unit='points of the SALT score'")
    if not about.compared:
        return NotEstimable(WITHOUT_DESIGN)
    if fit.k == 2:
        return _listed(fit, about)
    words = about.language
    low, high = limits[1:]
    size = "" if low <= 0 <= high else size_words(low, high, about.thresholds, words)
    said = {"first": about.first, "second": about.second, "outcome": about.outcome, "size": size}
    span = Number(average_span(low, high, about.unit, words), NAME)
    parts = [_over(fit, about), words.say(f"mean.{about.certainty or 'not-rated'}", span=span, **said)]
    if about.certainty is None:
        parts.append(words.say("certainty.not-rated"))
    if fit.k >= FEWEST and not isinstance(fit.prediction, NotEstimable):
        wide = average_span(float(fit.prediction.low), float(fit.prediction.high), about.unit, words)
        parts.append(words.say("mean.prediction", span=Number(wide, NAME)))
    elif fit.k >= FEWEST:
        parts.append(words.say("pooled.no-prediction"))
    parts += around(about, None, compared=True, level=fit.level)
    return joined_by_space(*parts)


def _over(fit: Fit, about: About) -> Sentence:
    """'Pooled over 3 studies with 60 people:'"""
    words, total = about.language, _people(fit)
    who = words.text("pooled.over-people", people=people(total, words)) if total is not None else ""
    if fit.k == 1:
        return words.say("pooled.over-one", people=who)
    return words.say("pooled.over", studies=studies(fit.k, words), people=who)


def _numbers(*values: float | NotEstimable) -> tuple[float, ...] | None:
    kept = tuple(float(value) for value in values if not isinstance(value, NotEstimable))
    return kept if len(kept) == len(values) and not any(math.isnan(value) for value in kept) else None


def _people(fit: Fit) -> int | None:
    return None if isinstance(fit.people, NotEstimable) else int(fit.people)


def _counts(fit: Fit) -> list[tuple[str, int, int]]:
    """The counts of one-arm studies, where the fit knows what was pooled."""
    evidence: Any = getattr(fit.recipe, "evidence", None)
    if not (hasattr(evidence, "events") and hasattr(evidence, "totals")):
        return []
    found = zip(evidence.labels, evidence.events.tolist(), evidence.totals.tolist(), strict=True)
    return [(label, x, n) for label, x, n in found if n]


def _pairs(fit: Fit) -> list[tuple[str, int, int, int, int]]:
    evidence: Any = getattr(fit.recipe, "evidence", None)
    if not hasattr(evidence, "totals2"):
        return []
    columns = (evidence.events1, evidence.totals1, evidence.events2, evidence.totals2)
    return list(zip(evidence.labels, *(column.tolist() for column in columns), strict=True))
