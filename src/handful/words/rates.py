"""One group of people: what was counted, and what its true rate could be. It is described, and nothing more (W1)."""

from __future__ import annotations

from handful.base.wording import capital, grouped
from handful.stats.one_group.proportion import proportion
from handful.stats.results import Interval, NotEstimable
from handful.words.language import Language
from handful.words.numbers_in_words import counted, range_in, share_in
from handful.words.sentence import Number, Sentence


def rate_sentence(
    events: int,
    total: int,
    interval: Interval | NotEstimable | None,
    *,
    who: str,
    outcome: str,
    name: str,
    language: Language,
    frame: int = 100,
    about: bool = False,
) -> Sentence:
    """'Among adults, 1 of 4 had “…”; the true rate could be anything from fewer than 1 to 81 in 100.'

    None of them says how high the rate could still be (W6), all of them how low (W7). ``who`` is an opening such as
    'among adults,'; ``interval`` is None where the counts are no rate; ``about`` where the count was worked back (W11).
    """
    words = counted(events, total, language)
    found = language.text("numbers.about", count=words) if about else words
    said = {"who": capital(who), "count": Number(found, name), "outcome": outcome}
    if interval is None or isinstance(interval, NotEstimable):
        return language.say("rate.no-interval", **said)
    low, high = float(interval.low), float(interval.high)
    if interval.side == "upper":
        return language.say("rate.upper-only", **said, high=Number(share_in(high, language, frame=frame), name))
    if interval.side == "lower":
        return language.say("rate.lower-only", **said, low=Number(share_in(low, language, frame=frame), name))
    if events == 0:
        return language.say("rate.none", **said, high=Number(share_in(high, language, frame=frame), name))
    if events == total:
        return language.say("rate.every", **said, low=Number(share_in(low, language, frame=frame), name))
    return language.say("rate.some", **said, range=Number(range_in(low, high, language, frame=frame), name))


def person_time_sentence(
    events: int, time: float, interval: Interval, *, who: str, outcome: str, unit: str, name: str, language: Language
) -> Sentence:
    """'In all, 2 events of “…” in 31.5 person-years; the true rate could be 0.77 to 22.9 in 100 person-years.'"""
    said = {
        "who": capital(who),
        "events": Number(language.text(language.form("things.event", events), n=grouped(events)), name),
        "outcome": outcome,
        "time": f"{time:g} {unit}",
    }
    low, high = 100 * float(interval.low), 100 * float(interval.high)
    if events == 0:
        return language.say("rate.in-time-none", **said, high=Number(f"{high:.3g} in 100 {unit}", name))
    return language.say("rate.in-time", **said, range=Number(f"{low:.3g} to {high:.3g} in 100 {unit}", name))


def exact_range(events: int, total: int, language: Language, *, frame: int = 100) -> str:
    """'fewer than 1 to 81 in 100': the exact limits of a count, beside which it never stands alone (W6, W7)."""
    found = proportion(events, total)
    if isinstance(found, NotEstimable):
        return range_in(0.0, 1.0, language, frame=frame)
    return range_in(float(found.low), float(found.high), language, frame=frame)
