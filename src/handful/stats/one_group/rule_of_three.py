"""Nothing seen, or nothing else: what 0 of n, n of n and no event in a time exclude.

0 of n excludes, with one-sided confidence ``level``, every probability above 1 − (1 − level)^(1/n); no event in time T
every rate above −log(1 − level)/T. At 95 % these are nearly 3/n for n ≥ 30, and 3.00/T for any T: the rule of three.
For fewer people the rule says too much: 0 of 4 gives 0.527, not 0.75.

Reference: Hanley, Lippman-Hand 1983, doi:10.1001/jama.1983.03330370053031.
"""

from __future__ import annotations

import math

from handful.base.notes import Note

#: from so many people on the rule of three is a fair approximation
ENOUGH = 30


def highest_without_events(people: float, level: float) -> float:
    """The p with (1 − p)^n = 1 − level.

    >>> round(highest_without_events(4, 0.95), 3)
    0.527
    """
    return -math.expm1(math.log1p(-level) / people)


def lowest_without_exception(people: float, level: float) -> float:
    """The p with p^n = 1 − level: n of n.

    >>> round(lowest_without_exception(4, 0.95), 3)
    0.473
    """
    return math.exp(math.log1p(-level) / people)


def highest_rate_without_events(time: float, level: float) -> float:
    """The rate with exp(−rate T) = 1 − level.

    >>> round(highest_rate_without_events(31.5, 0.95), 4)
    0.0951
    """
    return -math.log1p(-level) / time


def none_or_all(events: float, people: float, level: float) -> tuple[Note, ...]:
    """What to say beside 0 of n or n of n; nothing beside other counts."""
    if 0 < events < people:
        return ()
    if events == 0:
        bound, rule, side = highest_without_events(people, level), f"3/n = {3 / people:.4g}", "upper"
    else:
        bound, rule, side = lowest_without_exception(people, level), f"1 - 3/n = {1 - 3 / people:.4g}", "lower"
    text = f"{events:.0f} of {people:.0f}: the exact one-sided {100 * level:g} % {side} bound is {bound:.4g}"
    if math.isclose(level, 0.95):
        text += f" (rule of three: {rule})" if people >= ENOUGH else f" (the rule of three, 3/n, needs n >= {ENOUGH})"
    return (Note("none-or-all", text),)


def no_events(time: float, level: float) -> tuple[Note, ...]:
    """What to say beside no event in an observed time."""
    bound = highest_rate_without_events(time, level)
    text = f"no event: the exact one-sided {100 * level:g} % upper bound is {bound:.4g}"
    if math.isclose(level, 0.95):
        text += " (rule of three: 3.00 over the time)"
    return (Note("no-events", text),)
