"""AIC, BIC and AICc of a maximised log-likelihood."""

from __future__ import annotations

import math


def criteria(log_likelihood: float, parameters: int, observations: int) -> dict[str, float]:
    """Smaller is better; compare only models of the same studies, and under REML of the same moderators.

    AIC = −2l + 2q, BIC = −2l + q log n, AICc = AIC + 2q(q + 1)/(n − q − 1) for q parameters and n observations (k,
    under REML k − p), where n is taken as at least q + 2.

    >>> {name: round(value, 3) for name, value in criteria(-12.2023714, 2, 12).items()}
    {'AIC': 28.405, 'BIC': 29.375, 'AICc': 29.738}
    """
    q, base = parameters, -2.0 * log_likelihood
    aic = base + 2.0 * q
    n = max(observations, 1)
    return {
        "AIC": aic,
        "BIC": base + q * math.log(n),
        "AICc": aic + 2.0 * q * (q + 1) / (max(n, q + 2) - q - 1),
    }
