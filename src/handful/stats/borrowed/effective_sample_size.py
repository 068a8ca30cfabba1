"""How many patients a prior is worth: the effective sample size, by two named rules.

**Moment** (``moment``): the Beta(a, b) with the same mean m and variance v is worth a + b = m(1 − m)/v − 1 patients;
the gamma of a rate with the same moments is worth m/v of person-time. Simple, and blind to the shape.

**ELIR** (``elir``), expected local information ratio (Neuenschwander, Weber, Schmidli & O'Hagan 2020,
10.1111/biom.13252): E[ −(log p)''(θ) / i(θ) ] under the prior p, with i the Fisher information of one patient. It is
predictively consistent: on average n more patients add n. It is taken on the logit (log for rates), where i = p(1 −
p); on the scale of p it has no value for components with a or b at most 1. A single Beta(a, b) gives a + b either way.

A mixture whose parts disagree can be worth *less* than no patients by either rule: it has two hills, and its
information is locally negative between them. Such a figure is returned as it is.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from handful.stats.bayes.panels import fit_panels, graded_edges
from handful.stats.bayes.posterior import NormalMixture
from handful.stats.borrowed.mixtures import BetaMixture, GammaMixture, LogGamma, LogitBeta
from handful.stats.results import NotEstimable

FloatArray: TypeAlias = npt.NDArray[np.float64]


#: log p of a mixture is not smooth where its components cancel in the complex plane, near the line: finer nodes
_FINE = 4.0


def moment(mixture: BetaMixture | GammaMixture) -> float:
    """Patients (beta) or person-time (gamma) by mean and variance alone.

    >>> round(moment(BetaMixture((1.0,), (3.0,), (9.0,))), 12)
    12.0
    """
    if isinstance(mixture, GammaMixture):
        return mixture.mean / mixture.sd**2
    return moment_of(mixture.mean, mixture.sd)


def moment_of(mean: float, sd: float) -> float:
    """m(1 − m)/v − 1 for a rate with this mean and standard deviation."""
    return mean * (1 - mean) / sd**2 - 1


def elir(mixture: BetaMixture | GammaMixture) -> float | NotEstimable:
    """Patients (beta) or person-time (gamma) by the expected local information ratio.

    ``NotEstimable`` where the expectation is infinite: two different components with a (or b) at most 1 leave a tail
    in which the density still bends while a patient's information has died away. The moment rule has a value there.

    >>> round(elir(BetaMixture((1.0,), (0.5,), (3.0,))), 9)
    3.5
    """
    kept = np.array(mixture.weights) > 0
    weights, a, b = (np.array(v)[kept] for v in (mixture.weights, mixture.a, mixture.b))
    gamma = isinstance(mixture, GammaMixture)
    if not (_tail_exists(a) and (gamma or _tail_exists(b))):
        return NotEstimable("ELIR is infinite: components with a or b of at most 1 disagree in the tail")
    if gamma:
        x, w = LogGamma(weights, a, b).nodes(_FINE)
        data = np.exp(x)[:, None]
        log_f = a * (x[:, None] + np.log(b)) - b * data - special.gammaln(a)
        return _expected(x, w, weights, log_f, a - b * data, b, -x)
    x, w = LogitBeta(weights, a, b).nodes(_FINE)
    t = x[:, None]
    log_f = -a * np.logaddexp(0.0, -t) - b * np.logaddexp(0.0, t) - special.betaln(a, b)
    return _expected(
        x, w, weights, log_f, a - (a + b) * special.expit(t), a + b, np.logaddexp(0.0, -x) + np.logaddexp(0.0, x)
    )


def _tail_exists(shape: FloatArray) -> bool:
    """The tail of Σ w e^(−a|θ|) leaves ∫ e^((1 − second a)|θ|): finite when the second smallest a is above 1."""
    distinct = np.unique(shape)
    return len(distinct) == 1 or float(distinct[1]) > 1.0


def _expected(
    x: FloatArray,
    w: FloatArray,
    weights: FloatArray,
    log_f: FloatArray,
    slope: FloatArray,
    own: FloatArray,
    log_per_patient: FloatArray,
) -> float:
    """Σ w · −(log p)''/i with −(log p)'' = E[−h] − E[(g − E g)²], expectations over the components at each node.

    ``own`` is −h/i, each component's own size: a constant. ``log_per_patient`` is −log i.
    """
    share, between = _between(log_f + np.log(weights), slope)
    with np.errstate(divide="ignore"):
        spread = np.exp(np.log(w) + np.log(between) + log_per_patient)
    return (math.fsum(w * (share @ own)) - math.fsum(spread)) / math.fsum(w)


def _between(log_part: FloatArray, slope: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Each component's share at each node, and the variance of the slopes between components there."""
    share = np.exp(log_part - special.logsumexp(log_part, axis=1)[:, None])
    first = np.einsum("ij,ij->i", share, slope)
    # the mean squared distance rather than E g² − (E g)²: no cancellation in the tails
    return share, np.einsum("ij,ij->i", share, (slope - first[:, None]) ** 2)


def information(mixture: NormalMixture) -> float:
    """E[−(log p)''] of a mixture of normals: ELIR where one unit of data always carries the same information.

    Multiply by the variance of one patient's (or one study's) estimate to have patients (or studies).
    """
    used = mixture.weights > 1e-14
    weights, means, sds = mixture.weights[used], mixture.means[used], mixture.sds[used]
    kept = NormalMixture(weights / weights.sum(), means, sds)
    centre, narrow = float(kept.weights @ means), float(sds.min())
    edges = graded_edges(float((means - 9 * sds).min()), float((means + 9 * sds).max()), centre, narrow)
    x, w = fit_panels(kept.density, edges, tolerance=1e-11).nodes()
    x, w = x[w > 0], w[w > 0]
    total = 0.0
    for start in range(0, len(x), 4096):
        t = x[start : start + 4096, None]
        log_part = np.log(weights / sds) - 0.5 * ((t - means) / sds) ** 2
        share, between = _between(log_part, -(t - means) / sds**2)
        total += float(w[start : start + 4096] @ (share @ sds**-2.0 - between))
    return total / float(w.sum())
