"""Confidence limits of a survival curve that hold for few people: the beta product procedure.

While Y people are at risk and one more has the event, the share of the survival curve that is left is Beta(Y, 1); with
d at once Beta(Y − d + 1, d), the product of d such. So after all events up to t the curve lies, as far as the upper
limit is concerned, at W⁺ = Π Beta(m, 1) over the numbers m at risk at each event; for the lower limit the next event
may be about to happen, W⁻ = W⁺ Beta(Y(t⁺), 1). The limits are the α/2 quantile of W⁻ and the 1 − α/2 quantile of W⁺.
Without censoring they are Clopper and Pearson's.

The numbers m all differ, so −log W is a sum of exponential waits with different rates and

    P(W ≤ w) = Σ_l c_l w^(m_l),   c_l = Π_{k≠l} m_k/(m_k − m_l).

The c_l alternate and grow; they are carried with as many digits as that takes. Above ``MOST_EVENTS`` events the product
is taken for the one beta with its mean and variance, as the authors do.

Reference: Fay, Brittain, Proschan 2013, doi:10.1093/biostatistics/kxt016.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

MOST_EVENTS = 150
_GUARD = 30  # digits kept beyond those that cancel


def product_quantile(rates: tuple[int, ...], below: float, *, exact: bool = True) -> float:
    """The w with P(Π Beta(m, 1) ≤ w) = ``below``, m over different whole ``rates``; 1 for an empty product, 0 if 0 is
    among them.

    >>> round(product_quantile((4,), 0.025), 4)  # nobody of 4: Clopper and Pearson's lower limit of 4 of 4
    0.3976
    """
    if not rates or min(rates) == 0:
        return 1.0 if not rates else 0.0
    a, b = matched_beta(rates)
    if len(rates) == max(rates) - min(rates) + 1:  # no gap: one beta, and its exact one
        return _beta_quantile(float(min(rates)), float(len(rates)), below)
    start = _beta_quantile(a, b, below)
    return _newton(rates, below, start) if exact else start


def matched_beta(rates: tuple[int, ...]) -> tuple[float, float]:
    """The beta with the mean and the variance of the product."""
    mean = math.exp(sum(math.log(m / (m + 1)) for m in rates))
    square = math.exp(sum(math.log(m / (m + 2)) for m in rates))
    size = (mean - square) / (square - mean * mean)
    return mean * size, (1 - mean) * size


def _beta_quantile(a: float, b: float, below: float) -> float:
    from scipy.special import betaincinv

    return float(betaincinv(a, b, below))


def _newton(rates: tuple[int, ...], below: float, start: float) -> float:
    """In log w, on the logarithm of the probability, which is concave there: from any start it converges."""
    with localcontext() as context:
        context.prec = _GUARD + math.ceil(_digits(rates))
        weights = _weights(rates)
        target, x = Decimal(below).ln(), Decimal(min(max(start, 1e-300), 1 - 1e-12)).ln()
        for _ in range(60):
            terms = [(weight * (x * m).exp(), m) for weight, m in zip(weights, rates, strict=True)]
            value = sum((term for term, _ in terms), Decimal(0))
            slope = sum((term * m for term, m in terms), Decimal(0))
            step = (value.ln() - target) * value / slope
            x = min(x - step, Decimal(-1) / 10**15)
            if abs(step) < Decimal(10) ** -14:
                break
        return float(x.exp())


def _digits(rates: tuple[int, ...]) -> float:
    """log10 of the largest c_l."""
    out = 0.0
    for m in rates:
        out = max(out, sum(math.log10(k / abs(k - m)) for k in rates if k != m))
    return out


def _weights(rates: tuple[int, ...]) -> list[Decimal]:
    out = []
    for m in rates:
        top, bottom = 1, 1
        for k in rates:
            if k != m:
                top, bottom = top * k, bottom * (k - m)
        out.append(Decimal(top) / Decimal(bottom))
    return out
