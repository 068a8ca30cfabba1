"""``engine="mcmc"``: the same models by Hamiltonian Monte Carlo, and models beyond quadrature.

θ_i = x_i'β + τ z_i, z_i ~ N(0, 1), with every study's likelihood curve as it is. PyMC holds the model, nutpie draws
(PyMC itself where nutpie is missing); both come with ``pip install 'handful[mcmc]'`` and are loaded only here. The
result answers as an exact posterior does, to within Monte Carlo error, which its notes state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.bayes.bayes_grid import check_priors
from handful.stats.bayes.curve_rows import (
    CurveRows,
    MixedCurves,
    NormalCurves,
    ProductCurves,
    ShiftedCurves,
    StudentCurves,
)
from handful.stats.bayes.draws import Draws
from handful.stats.bayes.likelihood_curves import LikelihoodCurve, stack
from handful.stats.bayes.likelihood_shape import shapes
from handful.stats.bayes.posterior import Posterior
from handful.stats.bayes.prior_base import Prior
from handful.stats.bayes.priors import HalfCauchy, HalfNormal, HalfT, LogNormal, LogT, Normal, Uniform
from handful.stats.bayes.table_curves import HypergeometricCurves
from handful.stats.count_models.curves import BinomialCurves, PoissonCurves
from handful.stats.evidence import Estimates

FloatArray: TypeAlias = npt.NDArray[np.float64]

FEWEST_EFFECTIVE = 400
LARGEST_RHAT = 1.01
"""Beyond these a note says that the draws are not to be trusted yet (Vehtari et al. 2021, 10.1214/20-BA1221)."""


@dataclass(frozen=True, eq=False)
class SampledPosteriors:
    """Draws of β (draws × p), τ and every θ (draws × k), with what the diagnostics say."""

    beta: FloatArray
    taus: FloatArray
    theta: FloatArray
    scale: str
    seed: int
    notes: tuple[Note, ...]
    error: float  # Monte Carlo error of the worst mean, in its posterior sd

    @property
    def tau(self) -> Posterior:
        return Posterior(Draws(self.taus, 0.0), "between-study sd", "identity")

    @property
    def log_evidence(self) -> float:
        """Not known from draws."""
        return float("nan")

    def of(self, asked: FloatArray, name: str) -> Posterior:
        """Posterior of asked'β on the model scale."""
        return Posterior(Draws(self.beta @ asked), name, self.scale)

    def new(self, asked: FloatArray, name: str) -> Posterior:
        """Posterior of a new study's effect."""
        z = np.random.default_rng(self.seed).standard_normal(len(self.taus))
        return Posterior(Draws(self.beta @ asked + self.taus * z), name, self.scale)

    def study(self, row: int, name: str) -> Posterior:
        """Posterior of one study's own effect."""
        return Posterior(Draws(self.theta[:, row]), name, self.scale)

    def covariance(self) -> FloatArray:
        """Posterior covariance of the coefficients."""
        return np.atleast_2d(np.cov(self.beta, rowvar=False))


def sample_regression(
    data: Estimates | Sequence[LikelihoodCurve],
    design: FloatArray,
    priors: Sequence[Normal | None],
    tau_prior: Prior,
    scale: str,
    *,
    seed: int | None = None,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    target_accept: float = 0.9,
) -> SampledPosteriors:
    """Draw from the posterior; the same seed gives the same draws."""
    for name, value in (("draws", draws), ("tune", tune), ("chains", chains)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 2:
            raise InputError(f"{name}={value!r}", hint="a whole number of at least 2, such as draws=1000, chains=4")
    if not 0.5 <= target_accept < 1:
        raise InputError(f"target_accept={target_accept!r}", hint="between 0.5 and 1, such as 0.9")
    rows: CurveRows
    if isinstance(data, Estimates):
        rows = NormalCurves(np.asarray(data.yi, dtype=float), np.sqrt(np.asarray(data.vi, dtype=float)))
    else:
        rows = stack(data)
    form = shapes(rows)
    for prior in priors:
        check_priors(form, prior, tau_prior)
    used = 1 if seed is None else int(seed)
    pm, pt, arviz = _programs()
    with pm.Model() as model:
        beta = pt.stack([_coefficient(pm, f"beta_{j}", prior) for j, prior in enumerate(priors)])
        beta = pm.Deterministic("beta", beta)
        tau = _tau(pm, pt, tau_prior)
        z = pm.Normal("z", 0.0, 1.0, shape=len(rows))
        theta = pm.Deterministic("theta", pt.dot(design, beta) + tau * z)
        pm.Potential("likelihood", log_likelihood(pt, rows, theta))
    found, by = _draw(pm, model, draws, tune, chains, target_accept, used)
    names = ["beta", "tau", "theta"]
    rhat, ess = (function(found, var_names=names) for function in (arviz.rhat, arviz.ess))
    worst = max(float(np.nanmax(rhat[name].to_numpy())) for name in names)
    fewest = min(float(np.nanmin(ess[name].to_numpy())) for name in names)
    diverging = int(found.sample_stats["diverging"].to_numpy().sum())
    notes = _notes(by, chains, draws, used, worst, fewest, diverging)

    def flat(name: str) -> FloatArray:
        values = np.asarray(found.posterior[name].to_numpy(), dtype=float)
        return values.reshape(values.shape[0] * values.shape[1], *values.shape[2:])

    return SampledPosteriors(flat("beta"), flat("tau"), flat("theta"), scale, used, notes, fewest**-0.5)


def log_likelihood(pt: Any, rows: Any, theta: Any) -> Any:
    """Σ log L_i(θ_i) written for PyTensor (or numpy: anything with exp, log1p, where …)."""
    if isinstance(rows, MixedCurves):
        return sum(log_likelihood(pt, part, theta[here]) for here, part in rows.groups())
    if isinstance(rows, BinomialCurves):
        return (rows.x * theta - rows.n * pt.logaddexp(0.0, theta)).sum()
    if isinstance(rows, PoissonCurves):
        return (rows.x * theta - rows.t * pt.exp(theta)).sum()
    if isinstance(rows, NormalCurves):
        return (-0.5 * ((rows.y - theta) / rows.se) ** 2).sum()
    if isinstance(rows, StudentCurves):
        return (-(rows.df + 1) / 2 * pt.log1p(((rows.y - theta) / rows.se) ** 2 / rows.df)).sum()
    if isinstance(rows, HypergeometricCurves):
        gap, log_c = rows.terms()
        there = np.isfinite(log_c)
        powers = np.where(there, log_c, -1e300) + np.where(there, gap, 0.0) * theta[:, None]
        top = powers.max(axis=1)
        return (-(top + pt.log(pt.exp(powers - top[:, None]).sum(axis=1)))).sum()
    if isinstance(rows, ShiftedCurves):
        return log_likelihood(pt, rows.base, theta + rows.shift)
    if isinstance(rows, ProductCurves):
        return log_likelihood(pt, rows.first, theta) + log_likelihood(pt, rows.second, theta)
    raise InputError(
        f"engine='mcmc' has no form for {type(rows).__name__}",
        hint="it takes counts, rates, conditional tables, estimates and means; engine='quadrature' takes all",
    )


def _programs() -> tuple[Any, Any, Any]:
    try:
        import arviz
        import pymc
        import pytensor.tensor as tensor
    except ImportError as error:
        raise InputError(
            f"engine='mcmc' needs PyMC, which cannot be loaded: {error}",
            hint="pip install 'handful[mcmc]'; or engine='quadrature', which is exact and needs nothing more",
        ) from error
    return pymc, tensor, arviz


def _draw(pm: Any, model: Any, draws: int, tune: int, chains: int, target_accept: float, seed: int) -> tuple[Any, str]:
    try:
        import nutpie
    except ImportError:
        with model:
            found = pm.sample(
                draws=draws, tune=tune, chains=chains, target_accept=target_accept, random_seed=seed,
                progressbar=False, compute_convergence_checks=False,
            )  # fmt: skip
        return found, f"PyMC {pm.__version__}"
    compiled = nutpie.compile_pymc_model(model)
    found = nutpie.sample(
        compiled, draws=draws, tune=tune, chains=chains, target_accept=target_accept, seed=seed, progress_bar=False
    )
    return found, f"PyMC {pm.__version__} with nutpie {nutpie.__version__}"


def _coefficient(pm: Any, name: str, prior: Normal | None) -> Any:
    return pm.Flat(name) if prior is None else pm.Normal(name, prior.mean, prior.sd)


def _tau(pm: Any, pt: Any, prior: Prior) -> Any:
    if isinstance(prior, HalfNormal):
        return pm.HalfNormal("tau", prior.scale)
    if isinstance(prior, HalfCauchy):
        return pm.HalfCauchy("tau", prior.scale)
    if isinstance(prior, HalfT):
        return pm.HalfStudentT("tau", nu=prior.df, sigma=prior.scale)
    if isinstance(prior, Uniform) and prior.proper:
        return pm.Uniform("tau", prior.low, prior.high)
    if isinstance(prior, Uniform):
        return pm.HalfFlat("tau")
    half = 0.5 if getattr(prior, "of", "tau") == "tau2" else 1.0
    if isinstance(prior, LogNormal):
        return pm.LogNormal("tau", half * prior.mean, half * prior.sd)
    if isinstance(prior, LogT):
        log_tau = pm.StudentT("log_tau", nu=prior.df, mu=half * prior.location, sigma=half * prior.scale)
        return pm.Deterministic("tau", pt.exp(log_tau))
    known = "HalfNormal, HalfT, HalfCauchy, Uniform, LogNormal, LogT"
    raise InputError(f"engine='mcmc' has no form for the prior {prior}", hint=known)


def _notes(
    by: str, chains: int, draws: int, seed: int, rhat: float, effective: float, diverging: int
) -> tuple[Note, ...]:
    how = f"{chains} chains of {draws} draws by {by}, seed {seed}"
    found = f"R-hat at most {rhat:.3f}, at least {effective:.0f} effective draws, {diverging} divergent"
    notes = [Note("sampled", f"{how}; {found}; Monte Carlo error of a mean {effective**-0.5:.2g} posterior sd")]
    wrong = []
    if not rhat <= LARGEST_RHAT:
        wrong.append(f"R-hat {rhat:.3f} is above {LARGEST_RHAT}")
    if not effective >= FEWEST_EFFECTIVE:
        wrong.append(f"only {effective:.0f} effective draws; {FEWEST_EFFECTIVE} are wanted")
    if diverging:
        wrong.append(f"{diverging} divergent draws")
    if wrong:
        more = "take more draws, more tuning, or target_accept=0.99"
        notes.append(Note("sampling-trouble", f"not to be trusted yet: {'; '.join(wrong)}; {more}"))
    return tuple(notes)
