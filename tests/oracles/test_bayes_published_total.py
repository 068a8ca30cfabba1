"""Six published Bayesian analyses: every number that is printed is compared, or its reason stands here.

RBesT (map-as-hn1, mixture-summary-moment-ess), MetaStan (bnhm-bcg-metastan), technical support document 2 in multinma
(bnhm-blocker-tsd2), bayesmeta (nnhm-crins-six, nnhm-eight-schools-halfcauchy). Tolerances are those of the files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special

import handful as hf
from handful.stats.bayes.bayes_curves import pool_curves_bayes
from handful.stats.bayes.likelihood_curves import from_table
from handful.stats.borrowed.effective_sample_size import moment
from handful.stats.borrowed.mixtures import BetaMixture

DATA = Path(__file__).parent / "data" / "published_bayes"

REASONS = {
    ("bnhm-blocker-tsd2", "dic"): "no deviance information criterion is offered: it counts baselines that the "
    "conditional likelihood has taken out",
}
"""What is printed and not compared."""


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from leaves(inner, (*path, str(i)))
    else:
        yield path, float(value)


def summary(p: Any) -> dict[str, Any]:
    """Every summary the files print, by the names they use."""
    low, high = p.interval(0.95)
    return {
        "mean": p.mean, "sd": p.sd, "median": p.median, "q025": low, "q975": high, "ci": [low, high],
        "ci_central": [low, high], "ci_shortest": list(p.interval(0.95, "shortest")), "q95": p.quantile(0.95),
        "prob_gt_0": p.probability(above=0.0), "prob_gt_1": p.probability(above=1.0),
    }  # fmt: skip


def spondylitis(given: dict[str, Any]) -> dict[str, Any]:
    source = hf.one_arm(given["r"], given["n"])
    found = hf.borrow(hf.one_arm([1], [6]), source)
    return {"tau": summary(hf.pool(source, model="bayes").posterior("tau")), "map": summary(found.map_numeric)}


def mixture(given: dict[str, Any]) -> dict[str, Any]:
    found = BetaMixture(*(tuple(given[k]) for k in ("w", "a", "b")))
    shares = [0.025, 0.5, 0.975]
    return {
        "mean": found.mean, "sd": found.sd, "q": list(found.quantile(shares)), "p": shares,
        "ess_moment_rounded": round(moment(found)),
    }  # fmt: skip


def bcg(given: dict[str, Any]) -> dict[str, Any]:
    pairs = zip(given["vaccinated"], given["control"], strict=True)
    curves = [from_table(a, n, c, m, method="baseline-integrated") for (a, n), (c, m) in pairs]
    fit: Any = pool_curves_bayes(curves, mean_prior=hf.Normal(0, 100), tau_prior=hf.HalfNormal(0.5))
    return {"theta": summary(fit.posterior("mean")), "tau": summary(fit.posterior("tau"))}


def blockers(given: dict[str, Any]) -> dict[str, Any]:
    pairs = zip(given["treated"], given["control"], strict=True)
    curves = [from_table(a, n, c, m) for (a, n), (c, m) in pairs]
    random: Any = pool_curves_bayes(curves, mean_prior=hf.Normal(0, 100), tau_prior=hf.HalfNormal(5))
    fixed: Any = pool_curves_bayes(curves, mean_prior=hf.Normal(0, 100), tau_prior=hf.HalfNormal(1e-4))
    # absolute risks: the baseline's distribution alone, and with the effect's posterior added on the logit
    base = given["baseline_logit"]
    z, w = np.polynomial.hermite_e.hermegauss(201)
    control = base["mean"] + z / np.sqrt(base["precision"])
    x, weight = fixed.posterior("mean").shape.nodes()
    treated = (control[:, None] + x[None, :]).ravel()
    return {
        "fixed": {"d": summary(fixed.posterior("mean"))},
        "random": {"d": summary(random.posterior("mean")), "tau": summary(random.posterior("tau"))},
        "absolute_fixed": {
            "control": weighted(special.expit(control), w),
            "treated": weighted(special.expit(treated), np.outer(w, weight).ravel()),
        },
    }


def weighted(values: Any, weights: Any) -> dict[str, float]:
    order = np.argsort(values)
    share = (np.cumsum(weights[order]) - 0.5 * weights[order]) / weights.sum()
    at = {name: float(np.interp(q, share, values[order])) for name, q in (("median", 0.5), ("q025", 0.025))}
    at["q975"] = float(np.interp(0.975, share, values[order]))
    return {"mean": float(weights @ values / weights.sum()), **at}


def transplants(given: dict[str, Any]) -> dict[str, Any]:
    two = hf.two_arms(*(given[k] for k in ("events_exp", "n_exp", "events_ctl", "n_ctl")), labels=given["study"])
    est = hf.effect_sizes(two, measure="OR", add=0.5, to="only0").estimates()
    fit: Any = hf.pool(est, model="bayes", priors={"mean": hf.Normal(0, 4), "tau": hf.HalfNormal(0.5)})
    reml: Any = hf.pool(est, model="random-effects", tau2="REML", interval="wald")
    ml: Any = hf.pool(est, model="random-effects", tau2="ML", interval="wald")
    return {
        "y": list(est.yi), "v": list(est.vi),
        "mu": summary(fit.posterior("mean")), "tau": summary(fit.posterior("tau")),
        "prediction": summary(fit.posterior("prediction")),
        "shrinkage": {"heffron": summary(fit.posterior_of("Heffron (2003)"))},
        "ml_reml": {
            "reml_tau": reml.tau, "mu": reml.coefficient, "se": reml.se, "ml_joint_tau": ml.tau,
            "ml_joint_mu": ml.coefficient,
        },
    }  # fmt: skip


def schools(given: dict[str, Any]) -> dict[str, Any]:
    est = hf.estimates(given["y"], se=given["se"], labels=list("ABCDEFGH"))
    fit: Any = hf.pool(est, model="bayes", priors={"mean": hf.Normal(0, 50), "tau": hf.HalfCauchy(25)})
    return {
        "mu": summary(fit.posterior("mean")), "tau": summary(fit.posterior("tau")),
        "prediction": summary(fit.posterior("prediction")),
        "shrinkage": {name: summary(fit.posterior_of(name)) for name in "AGH"},
    }  # fmt: skip


CASES = {
    "map-as-hn1": spondylitis,
    "mixture-summary-moment-ess": mixture,
    "bnhm-bcg-metastan": bcg,
    "bnhm-blocker-tsd2": blockers,
    "nnhm-crins-six": transplants,
    "nnhm-eight-schools-halfcauchy": schools,
}


def tolerance(given: dict[str, Any], path: tuple[str, ...]) -> float:
    by_key = given["tolerance"].get("by_key", {})
    dotted = ".".join(path)
    fitting = [v for k, v in by_key.items() if dotted == k or dotted.startswith(f"{k}.") or k in path]
    return float(max(fitting, default=given["tolerance"]["abs"]))


@pytest.mark.parametrize("name", CASES)
def test_every_printed_number_is_met(name: str) -> None:
    given = read(name)
    found = dict(leaves(CASES[name](given["input"])))
    compared = 0
    for path, want in leaves(given["expected"]):
        if any((name, part) in REASONS for part in path):
            continue
        assert path in found, f"{name}: nothing is computed for {'.'.join(path)}"
        assert found[path] == pytest.approx(want, abs=tolerance(given, path)), (name, path)
        compared += 1
    assert compared >= 6


def test_all_bayesian_publications_are_here() -> None:
    assert {p.stem for p in DATA.glob("*.json")} - {"prior-turner-surgical"} == set(CASES)
