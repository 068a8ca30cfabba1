"""Expected losses and the value of information, held against simulation; the fast grid against single fits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from tests.position.made_places import ladder, placed, series

import handful as hf
from handful.position.losses import UNANCHORED, Losses
from handful.position.rate import rate_of
from handful.question.plan import Plan
from handful.stats.bayes.bayes_binomial import MEAN_PRIOR, TAU_PRIOR
from handful.stats.bayes.beta_rate import beta_rate
from handful.stats.bayes.further_study import ACCURACY, after_further_study

DRAWS = 400_000


def losses(*studies: object) -> Losses:
    found = placed(*studies).overall.losses  # type: ignore[arg-type]
    assert isinstance(found, Losses)
    return found


@pytest.mark.parametrize(("own", "other"), [((1, 4), (7, 35)), ((0, 4), (9, 9)), ((12, 40), (13, 40))])
def test_losses_agree_with_simulation(own: tuple[int, int], other: tuple[int, int]) -> None:
    found = losses(series("a-1", *own), series("b-1", *other, drug="other"))
    draw = np.random.default_rng(11)
    u = {name: draw.beta(x + 0.5, n - x + 0.5, DRAWS) for name, (x, n) in (("drug", own), ("other", other))}
    best = np.maximum(u["drug"], u["other"])
    for one in found.losses:
        lost = best - u[one.option.treatment]
        error = float(lost.std()) / math.sqrt(DRAWS)
        assert one.loss == pytest.approx(float(lost.mean()), abs=4.5 * error + 1e-12)  # 4.5 Monte Carlo errors


def test_losses_of_pooled_rates_agree_with_draws_from_their_posteriors() -> None:
    found = losses(series("a-1", 1, 4), series("a-2", 3, 8), series("b-1", 7, 35, drug="other"))
    u = {
        one.option.treatment: one.option.rate.posterior.sample(100_000, seed=5 + i)
        for i, one in enumerate(found.losses)
    }
    best = np.maximum(u["drug"], u["other"])
    for one in found.losses:
        lost = best - u[one.option.treatment]
        assert one.loss == pytest.approx(float(lost.mean()), abs=4.5 * float(lost.std()) / math.sqrt(len(lost)))


def test_losses_are_labelled_and_absent_alternatives_are_named_not_ranked() -> None:
    found = losses(series("a-1", 1, 4), series("b-1", 7, 35, drug="placebo"))
    assert found.label == UNANCHORED
    assert found.without == ("other",)
    assert {one.option.treatment for one in found.losses} == {"drug", "placebo"}


def test_one_alternative_alone_has_no_loss() -> None:
    assert isinstance(placed(series("a-1", 1, 4)).overall.losses, hf.NotEstimable)


def test_equal_counts_lose_equally_and_the_smallest_loss_is_perfect_information() -> None:
    found = losses(series("a-1", 3, 9), series("b-1", 3, 9, drug="other"))
    assert found.losses[0].loss == pytest.approx(found.losses[1].loss, rel=1e-12)
    assert found.perfect_information == found.losses[0].loss


def test_a_clause_on_the_loss_is_applied_to_every_further_count() -> None:
    on = ladder(rungs=[{"line": "first", "loss_at_most": 0.05, "because": "made up"}])
    others = [series("b-1", 10, 20, drug="other")]
    found = placed(series("a-1", 5, 10), *others, on=on)
    assert next(c for c in found.because if c.kind == "loss").found is not None
    again = [placed(series("a-1", 5 + r, 16), *others, on=on).line for r in range(7)]
    assert [c.line for c in found.what_would_change.further(6).counts] == again
    assert len(set(again)) == 2


def test_the_value_of_information_agrees_with_simulation() -> None:
    found = {v.against: v for v in placed(series("a-1", 4, 10)).what_would_change.value}
    draw = np.random.default_rng(3)
    theta = draw.beta(4.5, 6.5, DRAWS)
    for line, t in (("first", 0.5), ("second", 0.3), ("third", 0.1)):
        gain = np.maximum(theta - t, 0)
        want = float(gain.mean()) - max(4.5 / 11 - t, 0)
        assert found[line].perfect == pytest.approx(want, abs=4.5 * float(gain.std()) / math.sqrt(DRAWS))
        r = draw.binomial(6, theta)
        after = np.maximum((4.5 + r) / 17 - t, 0)
        sample = dict(found[line].sample)
        want = float(after.mean()) - max(4.5 / 11 - t, 0)
        assert sample[6] == pytest.approx(want, abs=4.5 * float(after.std()) / math.sqrt(DRAWS) + 1e-12)


def test_more_people_are_worth_more_and_never_more_than_knowing() -> None:
    for value in placed(series("a-1", 3, 9)).what_would_change.value:
        worth = [v for _, v in value.sample]
        assert worth == sorted(worth)
        assert worth[-1] <= value.perfect + 1e-12


@settings(deadline=None, max_examples=12)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda t: (t[0], t[0] + t[1])), min_size=1, max_size=4
    ).filter(lambda rows: sum(n for _, n in rows) > 0),
    st.integers(1, 12),
    st.floats(0.05, 0.9),
)
def test_the_grid_agrees_with_the_single_fit(rows: list[tuple[int, int]], m: int, threshold: float) -> None:
    rows = [row for row in rows if row[1] > 0]
    (found,) = after_further_study(
        [x for x, _ in rows], [n for _, n in rows], [m], [threshold], mean_prior=MEAN_PRIOR, tau_prior=TAU_PRIOR
    )
    assert found.chance.sum() == pytest.approx(1, abs=1e-3)
    for r in {0, m // 2, m}:
        rate = rate_of([*rows, (r, m)], Plan())
        assert not isinstance(rate, hf.NotEstimable)
        assert found.above[0, r] == pytest.approx(rate.at_least(threshold), abs=ACCURACY)


def test_the_mean_after_a_further_study_is_on_average_the_mean_before() -> None:
    """The tower property: with one count in closed form, with several on the grid."""
    x, n, m = 3, 8, 6
    rate = rate_of([(x, n)], Plan())
    assert not isinstance(rate, hf.NotEstimable)
    after = [rate_of([(x + r, n + m)], Plan()).mean for r in range(m + 1)]  # type: ignore[union-attr]
    assert sum(p * a for p, a in zip(rate.next_people(m), after, strict=True)) == pytest.approx(rate.mean, abs=1e-12)
    (found,) = after_further_study([3, 1], [8, 5], [m], [0.2], mean_prior=MEAN_PRIOR, tau_prior=TAU_PRIOR)
    before = rate_of([(3, 8), (1, 5)], Plan())
    assert not isinstance(before, hf.NotEstimable)
    assert float(found.chance @ found.mean) == pytest.approx(before.mean, abs=1e-3)  # the grid's three digits


@pytest.mark.parametrize(("x", "n"), [(0, 4), (4, 4), (1, 30)])
def test_the_beta_posterior_is_the_incomplete_beta_function(x: int, n: int) -> None:
    found = beta_rate(x, n)
    for t in (0.01, 0.2, 0.7):
        assert found.probability(above=t) == pytest.approx(float(special.betaincc(x + 0.5, n - x + 0.5, t)), rel=1e-12)
    assert found.mean == pytest.approx((x + 0.5) / (n + 1), rel=1e-12)
    assert found.expectation(lambda p: p**3) == pytest.approx(
        math.exp(special.betaln(x + 3.5, n - x + 0.5) - special.betaln(x + 0.5, n - x + 0.5)), rel=1e-12
    )
