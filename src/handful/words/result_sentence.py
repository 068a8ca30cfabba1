"""``hf.sentence``: a result in words that say no more than it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handful.base.errors import InputError, UnknownChoice
from handful.records.study import DESIGN_WORDS
from handful.stats.one_group.proportion import proportion
from handful.stats.results import Fit, Interval, NotEstimable
from handful.stats.two_groups.two_by_two import TwoGroups
from handful.words.about import USUAL, About, around, statement
from handful.words.certainty_words import certainty_level, thresholds_of
from handful.words.language import Language
from handful.words.language import language as language_of
from handful.words.numbers_in_words import FRAMES, counted
from handful.words.pooled import pooled_words
from handful.words.rates import exact_range, person_time_sentence, rate_sentence
from handful.words.sentence import Number, Sentence, joined_by_space, say
from handful.words.statements import frame_for, side_by_side


def sentence(
    result: Any,
    *,
    outcome: str = "the outcome",
    who: str = "",
    groups: tuple[str, str] = ("the first group", "the second group"),
    counts: tuple[Any, ...] | None = None,
    design: str | None = None,
    certainty: Any = None,
    thresholds: Any = None,
    baseline: float | None = None,
    unit: str | None = None,
    time: str | None = None,
    started: int | None = None,
    frame: int | None = None,
    language: str = "en",
) -> Sentence | NotEstimable:
    """A result in words that claim no more than it carries.

    ``result`` is an :class:`~handful.stats.results.Interval` of one group with its ``counts=(events, total)`` (for a
    rate per person-time ``(events, time)`` and ``unit="person-years"``), a pair ``(events, total)``, what
    ``hf.two_groups`` or ``hf.pool`` gives, or ``NotEstimable``.

    What it says depends on what stands behind it:

    - One group is described: the count first, then what the true rate could be; none of them says how high it could
      still be, all of them how low. Nothing is compared and no cause is given.
    - Two groups without a comparing ``design`` stand side by side. With ``design="randomised"`` (or
      ``"non-randomised"``, ``"pooled-trials"``) there is a statement: its verb is that of ``certainty`` (high: results
      in; moderate: probably; low: may; very low: very uncertain; without: no verb), its size is named only against
      ``thresholds`` (where a small, moderate and large difference begin, as a difference of rates), and where the
      interval holds no effect both directions are named.
    - A pooled result of fewer than three studies is a list of them. From three on, what another study could show
      stands beside the average. A ratio needs ``baseline``, the rate in the second group, and is told as absolute
      rates; a mean difference needs its ``unit``.

    ``who`` names the people ("adults"), ``groups`` the two groups, ``time`` when it was counted ("24 weeks"),
    ``started`` how many began (who is missing is then said), ``frame`` the denominator: 10, 100 or 1000.

    Returns a :class:`~handful.words.sentence.Sentence`; ``str()`` and ``print`` give its words. ``NotEstimable`` where
    no honest sentence can be made of it, with what is missing.

    Raises: :class:`~handful.base.errors.InputError` for a result of another kind, counts that are not those of the
    interval, or options that do not exist.

    References: GRADE guidelines 26, doi:10.1016/j.jclinepi.2019.10.014; the rules W1 to W12 in docs/methods/words.md.

    >>> print(sentence((1, 4), who="adults", outcome="regrowth"))
    Among adults, 1 of 4 had “regrowth”; the true rate could be anything from fewer than 1 to 81 in 100.
    >>> print(sentence((0, 12), outcome="an infection"))
    In all, none of 12 had “an infection”; the true rate could be as high as 26 in 100.
    """
    if frame is not None and frame not in FRAMES:
        raise UnknownChoice("frame", frame, [str(known) for known in FRAMES])
    if design is not None and design not in DESIGN_WORDS:
        raise UnknownChoice("design", design, list(DESIGN_WORDS))
    about = About(
        outcome, who, *_pair(groups), design, certainty_level(certainty), thresholds_of(thresholds), counts, baseline,
        unit, time, started, frame, language_of(language),
    )  # fmt: skip
    if isinstance(result, NotEstimable):
        return about.language.say("cannot", reason=result.reason)
    if isinstance(result, Interval):
        return _of_interval(result, about)
    if isinstance(result, TwoGroups):
        return _of_two_groups(result, about)
    if isinstance(result, Fit):
        return pooled_words(result, about)
    if isinstance(result, tuple | list) and len(result) == 2:
        events, total = _whole(result)
        interval = proportion(events, total)
        return _one_group(events, total, interval, about)
    kinds = "an Interval, (events, total), two_groups, a Fit or NotEstimable"
    raise InputError(f"no sentence can be made of {type(result).__name__}", hint=f"accepted: {kinds}")


def opening(who: str, language: Language) -> str:
    """'among adults,' or 'in all,'."""
    return language.text("who.among", who=who) if who else language.text("who.all")


def _of_interval(result: Interval, about: About) -> Sentence | NotEstimable:
    if not isinstance(result.estimate, float | int):
        return NotEstimable("an array of intervals is many results: make a sentence of each")
    if about.counts is None:
        return NotEstimable("a rate without its people has no sentence: give counts=(events, total)")
    estimate = float(result.estimate)
    if about.unit is not None:
        events, time = about.counts
        if abs(events / time - estimate) > 1e-9 * max(1.0, estimate):
            raise InputError(f"counts={about.counts} are not those of the interval, whose estimate is {estimate:.6g}")
        return person_time_sentence(
            int(events), float(time), result, who=opening(about.who, about.language), outcome=about.outcome,
            unit=about.unit, name="n-result", language=about.language,
        )  # fmt: skip
    events, total = _whole(about.counts)
    if not 0 <= estimate <= 1 or not float(result.low) <= events / total <= float(result.high):
        raise InputError(f"counts={about.counts} are not those of the interval {result.low:.4g} to {result.high:.4g}")
    return _one_group(events, total, result, about)


def _one_group(events: int, total: int, interval: Interval | NotEstimable, about: About) -> Sentence:
    said = rate_sentence(
        events, total, interval, who=opening(about.who, about.language), outcome=about.outcome, name="n-result",
        language=about.language, frame=about.frame or 100,
    )  # fmt: skip
    level = USUAL if isinstance(interval, NotEstimable) else interval.level
    return joined_by_space(said, *around(about, total, compared=False, level=level))


def _of_two_groups(result: TwoGroups, about: About) -> Sentence | NotEstimable:
    if not isinstance(result.x1, float | int):
        return NotEstimable("arrays of groups are many results: make a sentence of each pair")
    x1, n1, x2, n2 = (int(value) for value in (result.x1, result.n1, result.x2, result.n2))
    if not n1 or not n2:
        return NotEstimable("a group of nobody (n = 0) cannot be compared")
    difference = result.risk_difference()
    if about.compared and about.frame is None and not isinstance(difference, NotEstimable):
        about = replace(about, frame=frame_for(float(difference.low), float(difference.high)))
    words = about.language
    counts = {
        "outcome": about.outcome,
        "first": about.first,
        "second": about.second,
        "first_count": Number(counted(x1, n1, words), "n-first"),
        "second_count": Number(counted(x2, n2, words), "n-second"),
        "first_range": Number(exact_range(x1, n1, words, frame=about.frame or 100), "n-first"),
        "second_range": Number(exact_range(x2, n2, words, frame=about.frame or 100), "n-second"),
    }
    if about.compared:
        said = say(words.say("effect.counts", **counts), " ", statement(difference, about))
        return joined_by_space(said, *around(about, n1 + n2, compared=True))
    p = result.p_value()
    apart = not isinstance(p, NotEstimable) and p < 0.05
    fixed = side_by_side(
        difference, apart, first=about.first, second=about.second, name="n-difference", language=words,
        frame=about.frame or 100,
    )  # fmt: skip
    return joined_by_space(words.say("side.counts", **counts), fixed, *around(about, n1 + n2, compared=False))


def _pair(groups: Sequence[str]) -> tuple[str, str]:
    if isinstance(groups, str) or len(groups) != 2:
        raise InputError(f"groups={groups!r}: two names are needed", hint='for example groups=("dupilumab", "placebo")')
    return str(groups[0]), str(groups[1])


def _whole(counts: Sequence[Any]) -> tuple[int, int]:
    """Two whole numbers, people of people."""
    fits = len(counts) == 2 and all(not isinstance(c, bool) and float(c) == int(c) for c in counts)
    if not fits or not 0 <= int(counts[0]) <= int(counts[1]) or int(counts[1]) < 1:
        raise InputError(f"{tuple(counts)!r} is no count of people", hint="two whole numbers: (events, total)")
    return int(counts[0]), int(counts[1])
