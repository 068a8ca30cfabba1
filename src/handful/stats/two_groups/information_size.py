"""Optimal information size: how many people a well-made trial of that difference would need."""

from __future__ import annotations

import math
from numbers import Real
from statistics import NormalDist

from handful.base.errors import InputError
from handful.stats.results import NotEstimable


def optimal_information_size(
    without_treatment: float, difference: float, *, alpha: float = 0.05, power: float = 0.8
) -> int | NotEstimable:
    """People needed in all, half in each group, to see a difference of rates that matters.

    n = 4 (z_a + z_b)² p̄ (1 − p̄) / MID², rounded up, with z_a the normal quantile of 1 − alpha/2, z_b that of the
    power, MID the difference and p̄ the mean of the two rates.

    Args:
        without_treatment: rate expected without the treatment, between 0 and 1.
        difference: smallest difference of rates that matters, signed; never 0.
        alpha: two-sided chance of a false alarm.
        power: chance of seeing a difference that is there.

    Returns:
        People in total, or ``NotEstimable`` when the difference leads out of the range of rates.

    Raises:
        InputError: for a rate, alpha or power that is not between 0 and 1, or a difference of 0.

    Source: GRADE guidance 34 (Zeng 2022), doi:10.1016/j.jclinepi.2022.07.014.

    >>> optimal_information_size(0.20, -0.10)
    401
    """
    named = (("without_treatment", without_treatment), ("alpha", alpha), ("power", power))
    for name, value in named:
        if not isinstance(value, Real) or not (math.isfinite(value) and 0 < value < 1):
            raise InputError(f"{name}={value!r} is not between 0 and 1", hint="give a rate such as 0.2")
    if not isinstance(difference, Real) or not math.isfinite(difference) or difference == 0:
        raise InputError(f"difference={difference!r} is no difference", hint="give a difference of rates such as 0.1")
    other = without_treatment + difference
    if not 0 < other < 1:
        return NotEstimable(f"{without_treatment:g} and {difference:+g} give a rate of {other:g}, which is none")
    z = NormalDist()
    mean = (without_treatment + other) / 2
    size = 4 * (z.inv_cdf(1 - alpha / 2) + z.inv_cdf(power)) ** 2 * mean * (1 - mean) / difference**2
    return math.ceil(size - 1e-9)  # a size that is whole up to rounding error is not raised by one
