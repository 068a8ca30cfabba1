"""Every argument of the Bayesian verbs: a bad value is refused in words, with what would be accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import handful as hf
from handful.base.errors import InputError
from handful.stats.bayes.bayes_curves import maximise_curves, pool_curves_bayes
from handful.stats.bayes.empirical_priors import rhodes_2015, turner_2015
from handful.stats.bayes.likelihood_curves import (
    from_counts,
    from_estimate,
    from_means,
    from_rate,
    from_scores,
    from_table,
    from_two_rates,
)
from handful.stats.results import Fit, NotEstimable

one = hf.one_arm([1, 0, 3], [4, 4, 9])
est = hf.estimates([0.1, 0.2, 0.5], [0.1, 0.1, 0.2], measure="OR")
fit: Any = hf.pool(one, model="bayes")
P = fit.posterior("mean")
nan, inf = float("nan"), float("inf")

BAD: list[tuple[Callable[[], Any], str]] = [
    (lambda: hf.borrow(one, one, weight=[0.2, 0.5]), "weight=[0.2, 0.5] (list) is not one number"),
    (lambda: hf.borrow(one, one, weight="a"), "weight='a' (str) is not one number"),
    (lambda: hf.borrow(one, one, weight=None), "weight=None (NoneType) is not one number"),
    (lambda: hf.borrow(one, one, weight=nan), "weight=nan"),
    (lambda: hf.borrow(one, one, method="robustmap"), "did you mean 'robust-map'"),
    (lambda: hf.borrow(one, one, method=None), "did you mean 'none'"),
    (lambda: hf.borrow(one, one, level="0.9"), "level='0.9' is not a number"),
    (lambda: hf.borrow(one, one, level=[0.9]), "level=[0.9] is not a number"),
    (lambda: hf.borrow(one, one, certainty="a"), "certainty='a' (str) is not one number"),
    (lambda: hf.borrow(one, one, threshold="a"), "threshold='a' (str) is not one number"),
    (lambda: hf.borrow(one, one, people="a"), "people='a' (str) is not one number"),
    (lambda: hf.borrow(one, one, people=-3), "people=-3"),
    (lambda: hf.borrow(est, est, people=-3), "people=-3"),
    (lambda: hf.borrow(est, est, people="x"), "people='x' (str) is not one number"),
    (lambda: hf.borrow(one, one, vague=3), "3 for counts"),
    (lambda: hf.borrow(one, one, vague=hf.HalfNormal(1)), "half-normal(scale 1) for counts"),
    (lambda: hf.borrow(one, one, bias=3), "bias= with method='robust-map'"),
    (lambda: hf.borrow(est, est, method="bias"), "method='bias' needs bias="),
    (lambda: hf.borrow(est, est, method="bias", bias=3), "bias=3"),
    (lambda: hf.borrow(one, one, priors=3), "priors=3 (int) names no part"),
    (lambda: hf.borrow(one, one, priors={"tau": 3}), "τ's prior is 3"),
    (lambda: hf.borrow(one, one, priors={"mean": "a"}), "the mean's prior is 'a'"),
    (lambda: hf.borrow(one, one, priors={"mena": hf.Normal(0, 1)}), "did you mean 'mean'"),
    (lambda: hf.borrow(one, one, who=3), "who=3"),
    (lambda: hf.borrow([1, 2], one), "borrow cannot take list and OneArm"),
    (lambda: hf.borrow(one, None), "borrow cannot take OneArm and NoneType"),
    (lambda: hf.borrow(one, est), "the target is OneArm, the source Estimates"),
    (lambda: hf.borrow(one, one, threshold=1.5), "threshold=1.5"),
    (lambda: hf.borrow(one, one, weight=True), "weight=True (bool) is not one number"),
    (lambda: hf.borrow(one, one, weight=2), "weight=2"),
    (lambda: hf.pool(one, model="bayes", priors={"mean": 3}), "the mean's prior is 3"),
    (lambda: hf.pool(one, model="bayes", priors={"tau": 3}), "τ's prior is 3"),
    (lambda: hf.pool(one, model="bayes", priors={"tua": hf.HalfNormal(1)}), "did you mean 'tau'"),
    (lambda: hf.pool(one, model="bayes", priors=[1]), "priors=[1] (list) names no part"),
    (
        lambda: hf.pool(one, model="bayes", priors=hf.HalfNormal(1)),
        "priors=HalfNormal(scale=1) (HalfNormal) names no part",
    ),
    (lambda: hf.pool(one, model="bayes", priors={"tau": hf.Normal(0, 1)}), "τ's prior is Normal(mean=0, sd=1)"),
    (lambda: hf.pool(one, model="bayes", priors={"mean": hf.HalfNormal(1)}), "the mean's prior is HalfNormal(scale=1)"),
    (lambda: hf.pool(one, model="bayes", accuracy="hi"), "did you mean 'high'"),
    (lambda: hf.pool(one, model="bayes", accuracy=3), "accuracy=3 is not known"),
    (lambda: hf.pool(one, model="bayes", interval="centrl"), "did you mean 'central'"),
    (lambda: hf.pool(one, model="bayes", engine="stan"), "engine='stan' is not known"),
    (lambda: hf.pool(one, model="bayes", engine=3), "engine=3 is not known"),
    (lambda: hf.pool(one, model="bayes", level=95), "level=95 is outside the open range 0 to 1"),
    (lambda: hf.pool(one, model="bayes", level="a"), "level='a' is not a number"),
    (
        lambda: hf.pool(one, model="bayes", priors={"mean": None}),
        "a flat prior for the mean has no posterior here: a study is ",
    ),
    (lambda: hf.Normal(0, -1), "Normal: sd is -1"),
    (lambda: hf.Normal("a", 1), "Normal: mean is 'a'"),
    (lambda: hf.Normal(0, 0), "Normal: sd is 0"),
    (lambda: hf.Normal(0, nan), "Normal: sd is nan"),
    (lambda: hf.Normal(inf, 1), "Normal: mean is inf"),
    (lambda: hf.HalfNormal(0), "HalfNormal: scale is 0"),
    (lambda: hf.HalfNormal("a"), "HalfNormal: scale is 'a'"),
    (lambda: hf.HalfNormal(None), "HalfNormal: scale is None"),
    (lambda: hf.HalfCauchy(-1), "HalfCauchy: scale is -1"),
    (lambda: hf.HalfT(0, 1), "HalfT: df is 0"),
    (lambda: hf.HalfT(3, -1), "HalfT: scale is -1"),
    (lambda: hf.Uniform(2, 1), "Uniform: low 2, high 1"),
    (lambda: hf.LogNormal(0, 0), "LogNormal: sd is 0"),
    (lambda: hf.LogNormal("x", 1), "LogNormal: mean is 'x'"),
    (lambda: hf.Beta(0, 1), "Beta: a is 0"),
    (lambda: hf.Beta(1, "a"), "Beta: b is 'a'"),
    (lambda: hf.rate_between(0.6, 0.1), "rate_between(0.6, 0.1)"),
    (lambda: hf.rate_between(0, 0.5), "low=0"),
    (lambda: hf.rate_between(1, 60), "low=1"),
    (lambda: hf.rate_between(0.1, 0.1), "rate_between(0.1, 0.1)"),
    (lambda: hf.rate_between("a", "b"), "low='a' (str) is not one number"),
    (lambda: turner_2015("mortality"), "did you mean 'all-cause mortality'"),
    (lambda: turner_2015("all-cause mortality"), "comparison=None is not known"),
    (lambda: turner_2015(3), "outcome=3 is not known"),
    (lambda: rhodes_2015(area="x"), "area='x' without an outcome"),
    (lambda: from_counts(5, 4), "events = 5 of total = 4: more events than people"),
    (lambda: from_counts(-1, 4), "events = -1 is negative"),
    (lambda: from_counts(1.5, 4), "events = 1.5 is not a whole number"),
    (lambda: from_counts("a", 4), "events = 'a' (str) is not a number"),
    (lambda: from_counts([1, 2], [4, 4]), "a curve is of one study, and here are lists"),
    (lambda: from_counts(None, 4), "events = None (NoneType) is not a number"),
    (lambda: from_rate(1, 0), "events = 1 in time = 0: events need time to happen in"),
    (lambda: from_rate(1, -1), "time = -1 is negative"),
    (lambda: from_rate([1], [2]), "a curve is of one study, and here are lists"),
    (lambda: from_rate("a", 3), "events = 'a' (str) is not a number"),
    (lambda: from_table(1, 4, 5, 4), "events2 = 5 of total2 = 4: more events than people"),
    (lambda: from_table(1, 4, 2, 4, method="cond"), "method='cond' is not known"),
    (lambda: from_table(1, 4, 2, 4, method="baseline-integrated", baseline_sd=0), "baseline_sd=0"),
    (
        lambda: from_table(1, 4, 2, 4, method="baseline-integrated", baseline_sd="a"),
        "baseline_sd='a' (str) is not one number",
    ),
    (lambda: from_table(1, 4, 2, 4, method="baseline-integrated", baseline_mean=nan), "baseline_mean=nan"),
    (lambda: from_two_rates(1, 2.0, 3, 0), "events2 = 3 in time2 = 0: events need time to happen in"),
    (lambda: from_estimate(), "an estimate without its uncertainty"),
    (lambda: from_estimate(1.0), "an estimate without its uncertainty"),
    (lambda: from_estimate("a", se=1), "estimate='a' (str) is not one number"),
    (lambda: from_estimate(1.0, se="b"), "se='b' (str) is not one number"),
    (lambda: from_estimate(1.0, se=-1), "se=-1"),
    (lambda: from_estimate(1.0, se=1, scale="lgo"), "did you mean 'log'"),
    (lambda: from_estimate(0.0, se=1, scale="log"), "estimate=0 on the log scale"),
    (lambda: from_estimate(50, se=1, scale="logit"), "estimate=50 on the logit scale"),
    (lambda: from_estimate(0.5, low=0.6, high=0.2), "low=0.6, high=0.2"),
    (lambda: from_estimate(0.5, low=0.2, high=0.8, level=2), "level=2 is outside the open range 0 to 1"),
    (lambda: from_estimate(0.5, low=0.2, high=0.8, level="a"), "level='a' is not a number"),
    (lambda: from_estimate(0.5, low=0.2, high=0.8, se=0.1), "both se= and an interval"),
    (lambda: from_estimate(0.9, low=0.2, high=0.8), "the estimate 0.9 lies outside its interval, 0.2 to 0.8"),
    (lambda: from_estimate(0.5, se=0.1, se_on="modle"), "did you mean 'model'"),
    (lambda: from_estimate(0.5, low="a", high=1), "low='a' (str) is not one number"),
    (lambda: from_estimate(nan, se=1), "estimate=nan"),
    (lambda: from_means(1, 0, 1, 5, 0, 1), "n1=1"),
    (lambda: from_means(3, "a", 1, 5, 0, 1), "mean1='a' (str) is not one number"),
    (lambda: from_means(3, 0, -1, 5, 0, 1), "sd1=-1"),
    (lambda: from_means(3, nan, 1, 5, 0, 1), "mean1=nan"),
    (lambda: from_means(3.5, 0, 1, 5, 0, 1), "n1=3.5"),
    (lambda: from_means(3, 0, 1, 5, 0, 1, equal_sd="no"), "equal_sd='no'"),
    (lambda: from_scores([1]), "[1.0]"),
    (lambda: from_scores([1, 1]), "[1.0, 1.0]"),
    (lambda: from_scores("abc"), "scores = 'abc' (str) is not a number"),
    (lambda: from_scores([1, None, 3]), "scores[1]: scores = None (NoneType) is not a number"),
    (lambda: from_scores(5), "5.0"),
    (lambda: from_counts(1, 4) * from_rate(1, 2), "a curve on the logit scale times one on the log scale"),
    (lambda: pool_curves_bayes(3), "int is no list of curves"),
    (lambda: pool_curves_bayes([3]), "not a likelihood curve at position 0: int"),
    (lambda: pool_curves_bayes([from_counts(1, 4)], labels=["a", "b"]), "2 labels for 1 studies"),
    (lambda: pool_curves_bayes([from_counts(1, 4)], accuracy="x"), "accuracy='x' is not known"),
    (lambda: maximise_curves([3]), "not a likelihood curve at position 0: int"),
    (lambda: from_counts(1, 4).log_likelihood("a"), "theta = 'a' (str) is not a number"),
    (lambda: P.quantile(2), "quantile(2)"),
    (lambda: P.quantile("a"), "q = 'a' (str) is not a number"),
    (lambda: P.quantile(nan), "q holds NaN"),
    (lambda: P.cdf("a"), "x = 'a' (str) is not a number"),
    (lambda: P.cdf(nan), "x holds NaN"),
    (lambda: P.density(nan), "x holds NaN"),
    (lambda: P.density(None), "x = None (NoneType) is not a number"),
    (lambda: P.probability(), "probability() of what?"),
    (lambda: P.probability(above="a"), "above = 'a' (str) is not a number"),
    (lambda: P.probability(above=nan), "above holds NaN"),
    (lambda: P.sample(-1, seed=1), "n=-1"),
    (lambda: P.sample("a", seed=1), "n='a' (str) is not one number"),
    (lambda: P.sample(2.5, seed=1), "n=2.5"),
    (lambda: P.sample(3, seed="a"), "seed='a' (str) is not one number"),
    (lambda: P.interval(2), "level=2 is outside the open range 0 to 1"),
    (lambda: P.interval("a"), "level='a' is not a number"),
    (lambda: P.interval(0.9, "cent"), "did you mean 'central'"),
    (lambda: P.on("nat"), "did you mean 'natural'"),
    (lambda: fit.posterior("meen"), "did you mean 'mean'"),
    (lambda: fit.posterior(3), "posterior=3 is not known"),
    (lambda: fit.posterior("mean", scale="naturl"), "did you mean 'natural'"),
    (lambda: fit.posterior_of("study 9"), "did you mean 'study 3'"),
    (lambda: fit.posterior_of(7), "study=7 is not known"),
    (lambda: fit.posterior_of(0), "study=0 is not known"),
    (lambda: fit.posterior_of("study 1", scale="x"), "scale='x' is not known"),
    (lambda: hf.probability_better(1, 2), "int has no posterior"),
    (lambda: hf.probability_better(fit, fit, by="x"), "by='x'"),
    (lambda: hf.probability_better(fit, fit, by=-1), "by=-1"),
    (lambda: hf.probability_better(fit, fit, of="predictoin"), "did you mean 'prediction'"),
    (lambda: hf.probability_better(fit, fit, higher_is_better="x"), "higher_is_better='x'"),
    (lambda: hf.probability_better(fit, hf.pool(est, model="bayes")), "proportion against OR"),
    (lambda: fit.next_patients("a"), "patients='a'"),
    (lambda: fit.next_patients(0), "patients=0"),
    (lambda: fit.next_patients(6, level=2), "level=2"),
    (lambda: fit.next_patients(6).at_least("a"), "r='a'"),
    (lambda: hf.bayes_factor(fit, "efect"), "did you mean 'effect'"),
    (lambda: hf.bayes_factor(fit, "effect", null="a"), "null='a'"),
    (lambda: hf.prior_sensitivity(fit, of="men"), "did you mean 'mean'"),
    (lambda: hf.prior_sensitivity(fit, scales=[0]), "scales=[0]"),
    (lambda: hf.prior_sensitivity(fit, threshold="a"), "threshold='a'"),
    (lambda: hf.posteriors_many([1], [4], ["a"], priors={"tau": 1}), "τ's prior is 1"),
    (lambda: hf.posteriors_many([1], [4], ["a"], priors={"mean": 1}), "the mean's prior is 1"),
    (lambda: hf.posteriors_many([], [], []), "no rows"),
    (lambda: hf.regress(one, {"x": [1, 2, 3]}, model="bayes", accuracy="hig"), "did you mean 'high'"),
    (lambda: hf.regress(est, {"x": [1, 2, 3]}, model="bayes", accuracy="hig"), "did you mean 'high'"),
]


@pytest.mark.parametrize(("call", "words"), BAD, ids=[words for _, words in BAD])
def test_a_bad_value_is_refused_in_words(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert words in str(caught.value)
    assert caught.value.hint, "what would be accepted is said"


def test_what_is_odd_but_has_a_meaning_is_taken() -> None:
    assert from_counts(0, 0).flat
    assert isinstance(pool_curves_bayes([]), NotEstimable)
    alone = pool_curves_bayes(from_counts(1, 4), mean_prior=hf.Normal(0, 2))  # type: ignore[arg-type]
    assert isinstance(alone, Fit)
    assert alone.k == 1
    assert P.probability(above=2, below=1) == 0.0
    assert P.sample(0, seed=1).shape == (0,)
    assert np.isfinite(P.cdf(inf))
    assert isinstance(hf.pool(one, model="common-effect").posterior("mean"), NotEstimable)


def test_a_curve_prints_its_people_or_leaves_them_out() -> None:
    assert repr(from_counts(1, 4)) == "<LikelihoodCurve 1 of 4 (logit), 4 people>"
    assert repr(from_estimate(0.5, se=0.2)) == "<LikelihoodCurve 0.5, se 0.2 (effect)>"
    assert isinstance(from_rate(2, 31.5).people, NotEstimable)
    both = from_counts(1, 4) * from_estimate(25, low=12, high=45, scale="logit", percent=True)
    assert isinstance(both.people, NotEstimable)
    assert (from_counts(1, 4) * from_counts(2, 9)).people == 13
    mixed = pool_curves_bayes([from_counts(1, 4), both], mean_prior=hf.Normal(0, 2))
    assert isinstance(mixed.people, NotEstimable)
    assert "nan" not in str(mixed)
