"""Two groups set against each other: the informative statement that its certainty, interval and thresholds allow.

Only a comparison makes one (W1, W2). The verb is that of the certainty (W3); a size is named only against thresholds
fixed in the plan, and only the sizes that both ends of the interval reach (W4); an interval that holds no effect names
both directions (W2); everything is told in one denominator (W8). After GRADE guidelines 26 (doi:
10.1016/j.jclinepi.2019.10.014), which takes the size from the point estimate; here the interval decides, because with a
handful of people the point says too much.
"""

from __future__ import annotations

from handful.stats.results import Interval, NotEstimable
from handful.words.certainty_words import CertaintyLevel, Thresholds
from handful.words.language import Language
from handful.words.numbers_in_words import more_or_fewer, share
from handful.words.sentence import Number, Sentence, say


def effect_statement(
    difference: Interval | NotEstimable,
    *,
    first: str,
    second: str,
    outcome: str,
    certainty: CertaintyLevel | None,
    thresholds: Thresholds | None,
    name: str,
    language: Language,
    frame: int | None = None,
) -> Sentence:
    """'A may result in fewer people with “…” than B (a small to large difference): between 3 and 35 fewer in 100.'

    ``difference`` is that of the rates, first less second, between -1 and 1. Without ``frame`` it is told in 100, or
    in 1000 where both ends would be less than 2 in 100.
    """
    if isinstance(difference, NotEstimable):
        return language.say("effect.not-estimable", reason=difference.reason)
    low, high = float(difference.low), float(difference.high)
    frame = frame or frame_for(low, high)
    about = {"first": first, "second": second, "outcome": outcome, "frame": frame}
    span = Number(difference_span(low, high, language, frame=frame), name)
    if certainty is None or certainty == "very-low":
        return language.say(f"effect.{certainty or 'not-rated'}.any", span=span, **about)
    if thresholds is not None and thresholds.size(low) == thresholds.size(high) == "trivial":
        return language.say(f"effect.{certainty}.little", span=span, **about)
    if low <= 0 <= high:
        return language.say(f"effect.{certainty}.both", span=span, **about)
    way = "more" if low > 0 else "fewer"
    size = size_words(low, high, thresholds, language)
    return language.say(f"effect.{certainty}.{way}", span=span, size=size, **about)


def side_by_side(
    difference: Interval | NotEstimable,
    apart: bool,
    *,
    first: str,
    second: str,
    name: str,
    language: Language,
    frame: int = 100,
) -> Sentence:
    """The fixed sentence on groups that nobody set against each other: cannot be told apart, or by how much (W1)."""
    if not apart or isinstance(difference, NotEstimable):
        return language.say("side.cannot-tell", first=first, second=second)
    span = Number(ends(float(difference.low), float(difference.high), language, frame=frame), name)
    return language.say("side.fit", span=span, frame=frame, first=first, second=second)


def frame_for(low: float, high: float) -> int:
    """100, or 1000 where both ends of a difference would be less than 2 in 100."""
    return 1000 if max(abs(low), abs(high)) < 0.02 else 100


def size_words(low: float, high: float, thresholds: Thresholds | None, language: Language) -> str:
    """' (a small to large difference)': the sizes at both ends of an interval that lies on one side; else nothing."""
    if thresholds is None:
        return ""
    near, far = sorted((low, high), key=abs)
    least, most = thresholds.size(near), thresholds.size(far)
    if least == most:
        return language.text("effect.size-one", size=language.text(f"sizes.{least}"))
    return language.text("effect.size-span", least=language.text(f"sizes.{least}"), most=language.text(f"sizes.{most}"))


def difference_span(low: float, high: float, language: Language, *, frame: int) -> str:
    """'between 3 and 35 fewer', 'between 3 fewer and 9 more': the smaller number first within one direction."""
    if low <= 0 <= high:
        return ends(low, high, language, frame=frame)
    near, far = sorted((abs(low), abs(high)))
    sizes = {"low": _size(near, language, frame), "high": _size(far, language, frame)}
    return language.text("effect.span-more" if low > 0 else "effect.span-fewer", **sizes)


def ends(low: float, high: float, language: Language, *, frame: int) -> str:
    """'between 35 fewer and 72 more': each end with its direction."""
    said = {"low": more_or_fewer(low, language, frame=frame), "high": more_or_fewer(high, language, frame=frame)}
    return language.text("effect.span-both", **said)


def average_span(low: float, high: float, unit: str, language: Language) -> str:
    """'between 2.1 points lower and 3 points higher': a difference of averages, each end with its direction."""
    said = []
    for end in (low, high):
        key = "mean.equal" if end == 0 else "mean.lower" if end < 0 else "mean.higher"
        given = {} if end == 0 else {"value": f"{abs(end):.3g} {unit}"}
        said.append(language.text(key, **given))
    return language.text("effect.span-both", low=said[0], high=said[1])


def _size(value: float, language: Language, frame: int) -> str:
    if frame * value < 1:
        return language.text("numbers.less-than-1")
    return share(value, language, frame=frame)


def baseline_sentence(
    baseline: float,
    low: float,
    high: float,
    *,
    first: str,
    second: str,
    outcome: str,
    name: str,
    language: Language,
    frame: int,
) -> Sentence:
    """'Where 20 in 100 have “…” with B, it is 8 to 16 in 100 with A.': both absolute risks, in one denominator (W8)."""
    return say(
        language.say(
            "effect.baseline",
            baseline=Number(f"{share(baseline, language, frame=frame)} in {frame}", name),
            with_first=Number(
                language.text(
                    "numbers.range",
                    low=share(low, language, frame=frame),
                    high=share(high, language, frame=frame),
                    frame=frame,
                ),
                name,
            ),
            first=first,
            second=second,
            outcome=outcome,
        )
    )
