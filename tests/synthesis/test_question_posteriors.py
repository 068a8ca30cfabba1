"""The posterior rates a question's answer holds, and the borrowing its plan asks for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, special, stats

import handful as hf
from handful.question.borrow_plan import BorrowPlan
from handful.question.question import Question
from handful.review import Review, open_review
from handful.stats.results import NotEstimable
from handful.synthesis.posterior_types import PlannedBorrowing
from handful.synthesis.results import results
from handful.synthesis.synthesis import Synthesis

FLAGSHIP = "dupilumab-totalis-universalis"


@pytest.fixture(scope="module")
def review(repository: Path) -> Review:
    return open_review(repository / "reviews" / "alopecia-areata")


def answered(review: Review, question: Question) -> Synthesis:
    return hf.synthesise(hf.count(hf.select(review.records, question)), question.plan)


@pytest.fixture(scope="module")
def answer(review: Review) -> Synthesis:
    return answered(review, review.questions[FLAGSHIP])


def test_one_study_under_a_flat_prior_has_the_beta_posterior(answer: Synthesis) -> None:
    """Beta(1 + x, 1 + n − x): conjugate, so the expected quantiles are scipy's."""
    for group, x, n in (("adults", 1, 4), ("children", 0, 4)):
        found = answer.posterior(group)
        assert found is not None
        assert not isinstance(found.rate, NotEstimable)
        assert found.limits == pytest.approx(stats.beta(1 + x, 1 + n - x).ppf([0.025, 0.975]), abs=1e-9)
        assert found.rate.median == pytest.approx(stats.beta(1 + x, 1 + n - x).median(), abs=1e-9)
        under = {u.prior: u for u in found.under}
        jeffreys = stats.beta(0.5 + x, 0.5 + n - x)
        assert under["Beta(0.5, 0.5)"].low == pytest.approx(jeffreys.ppf(0.025), rel=1e-8)
        assert under["Beta(0.5, 0.5)"].high == pytest.approx(jeffreys.ppf(0.975), rel=1e-8)


def test_both_together_are_the_pooled_average(answer: Synthesis) -> None:
    found = answer.posterior("overall")
    assert found is not None
    fit = hf.pool(hf.one_arm([1, 0], [4, 4]), model="bayes")
    assert not isinstance(fit, NotEstimable)
    assert found.limits == pytest.approx((fit.low, fit.high), abs=1e-9)


def test_the_probability_of_the_hills_is_that_of_two_beta_variables(answer: Synthesis) -> None:
    """P(Beta(2, 4) > Beta(1, 5)) by adaptive quadrature of the density against the distribution function: 0.78."""
    first, second = answer.posterior("adults"), answer.posterior("children")
    assert first is not None
    assert second is not None
    expected, _ = integrate.quad(
        lambda p: stats.beta.pdf(p, 2, 4) * special.betainc(1, 5, p), 0, 1, epsabs=1e-12, epsrel=1e-12
    )
    assert hf.probability_better(first.rate, second.rate) == pytest.approx(expected, abs=1e-9)
    assert expected == pytest.approx(0.78, abs=0.005)  # methods, section 2: .78 under Beta(1, 1)


def test_the_plan_of_the_flagship_borrows_at_three_strengths(answer: Synthesis) -> None:
    found = answer.borrowing
    assert isinstance(found, PlannedBorrowing)
    assert [step.weight for step in found.steps] == [0.2, 0.5, 0.8]
    assert found.without.interval(0.95) == pytest.approx(stats.beta(1, 5).ppf([0.025, 0.975]), abs=1e-9)
    widths = [np.ptp(rate.interval(0.95)) for rate in (found.without, *(step.with_ for step in found.steps))]
    assert widths == sorted(widths, reverse=True), "the more is borrowed, the narrower"
    amounts = [step.borrowed.amount for step in found.steps]
    assert amounts == sorted(amounts)
    assert found.because


def test_borrowing_is_what_a_grid_gives(answer: Synthesis) -> None:
    """By brute force on a grid of logits: adults' 1 of 4 over μ and τ; their prediction times children's 0 of 4."""
    found = answer.borrowing
    assert isinstance(found, PlannedBorrowing)
    theta = np.linspace(-16, 12, 2801)
    step = theta[1] - theta[0]
    mu = theta[::4]
    taus = (np.arange(400) + 0.5) * 0.0125
    likelihood = special.expit(theta) * special.expit(-theta) ** 3
    predicted = np.zeros_like(theta)
    for tau in taus:
        kernel = stats.norm.pdf(theta[None, :], mu[:, None], max(tau, 1e-9)) * step
        kernel /= kernel.sum(axis=1, keepdims=True)
        weight = (kernel @ likelihood) * stats.norm.pdf(mu, 0, 2) * stats.halfnorm.pdf(tau, scale=1)
        predicted += weight @ kernel
    predicted /= predicted.sum() * step
    vague = special.expit(theta) * special.expit(-theta)  # Beta(1, 1) on the logit scale
    child = special.expit(-theta) ** 4
    for borrowed in found.steps:
        posterior = (borrowed.weight * predicted + (1 - borrowed.weight) * vague) * child
        cumulative = np.cumsum(posterior) / posterior.sum()
        for share in (0.025, 0.5, 0.975):
            expected = special.expit(np.interp(share, cumulative, theta + step / 2))
            # the grid's own error: a step of 0.01 in logits
            assert borrowed.with_.quantile(share) == pytest.approx(expected, abs=2e-4)


def test_the_results_keep_it(answer: Synthesis) -> None:
    kept = results(answer)
    assert [p["id"] for p in kept["posteriors"]] == ["adults", "children", "overall"]
    assert [s["weight"] for s in kept["borrowing"]["steps"]] == [0.2, 0.5, 0.8]


def test_a_plan_that_cannot_borrow_says_why(review: Review) -> None:
    question = review.questions[FLAGSHIP]
    nobody = question.model_copy(update={"groups": {"adults": {"age": ("adult",)}, "children": {"age": ("infant",)}}})
    found = answered(review, nobody).borrowing
    assert isinstance(found, NotEstimable)
    assert "nobody was counted" in found.reason
    plan = question.plan.model_copy(
        update={"borrow": BorrowPlan.model_validate({"from": "a", "to": "b", "because": "x"})}
    )
    unknown = answered(review, question.model_copy(update={"plan": plan})).borrowing
    assert isinstance(unknown, NotEstimable)
    assert "no group `a`" in unknown.reason


def test_a_plan_without_borrowing_has_none(review: Review) -> None:
    found = answered(review, review.questions["dupilumab-adults"]).borrowing
    assert isinstance(found, NotEstimable)
    assert "asks for no borrowing" in found.reason
