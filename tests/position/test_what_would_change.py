"""Every further count, held against running the whole review again with that count recorded."""

from __future__ import annotations

import pytest
from scipy import special
from tests.position.made_places import ladder, placed, series

from handful.position.rule import rank
from handful.position.what_would_change import NEXT

CERTAIN = [
    {"line": "first", "rate_at_least": 0.5, "with_probability": 0.8, "people_at_least": 12, "because": "x"},
    {"line": "second", "rate_at_least": 0.3, "with_probability": 0.8, "because": "x"},
    {"line": "third", "rate_at_least": 0.15, "with_probability": 0.7, "because": "x"},
]


@pytest.mark.parametrize(("x", "n"), [(1, 4), (0, 4), (4, 4), (6, 10)])
@pytest.mark.parametrize("m", NEXT)
def test_every_count_of_further_people_gives_the_line_of_the_review_run_again(x: int, n: int, m: int) -> None:
    on = ladder(rungs=CERTAIN)
    found = placed(series("a-1", x, n), on=on).what_would_change.further(m)
    assert [c.line for c in found.counts] == [placed(series("a-1", x + r, n + m), on=on).line for r in range(m + 1)]
    assert found.monotone


@pytest.mark.parametrize("counts", [((1, 4), (0, 4)), ((3, 9), (5, 7), (0, 5))])
@pytest.mark.parametrize("m", [3, 6, 10])
def test_every_count_of_a_further_study_gives_the_line_of_the_review_run_again(
    counts: tuple[tuple[int, int], ...], m: int
) -> None:
    on = ladder(rungs=CERTAIN)
    before = [series(f"s-{i}", x, n) for i, (x, n) in enumerate(counts)]
    found = placed(*before, on=on).what_would_change.further(m, "further-study")
    again = [placed(*before, series("new", r, m), on=on).line for r in range(m + 1)]
    assert [c.line for c in found.counts] == again


def test_a_further_study_beside_one_count_is_pooled_with_it() -> None:
    on = ladder(rungs=CERTAIN)
    found = placed(series("a-1", 2, 7), on=on).what_would_change.further(5, "further-study")
    again = [placed(series("a-1", 2, 7), series("new", r, 5), on=on).line for r in range(6)]
    assert [c.line for c in found.counts] == again


def test_the_chance_of_a_count_is_beta_binomial() -> None:
    found = placed(series("a-1", 1, 4)).what_would_change.further(6)
    want = [special.binom(6, r) * special.beta(1.5 + r, 3.5 + 6 - r) / special.beta(1.5, 3.5) for r in range(7)]
    assert [c.probability for c in found.counts] == pytest.approx(
        want, rel=1e-10
    )  # logs of gamma functions: ten digits
    assert sum(c.probability or 0 for c in found.counts) == pytest.approx(1, abs=1e-12)


def test_where_nobody_was_counted_counts_are_shown_without_a_chance() -> None:
    found = placed().what_would_change.further(6)
    assert all(c.probability is None for c in found.counts)
    assert found.probability_better is None
    assert [c.line for c in found.counts] == [placed(series("a-1", r, 6)).line for r in range(7)]


def test_the_smallest_and_the_largest_count_that_move_the_line() -> None:
    found = placed(series("a-1", 4, 10)).what_would_change.further(6)
    assert found.now == "third"
    up, down = found.smallest_better, found.largest_worse
    assert up is not None
    assert rank(up.line) < rank("third")
    assert all(rank(c.line) >= rank("third") for c in found.counts[: up.responders])
    assert down is None or rank(down.line) > rank("third")


def test_a_miscount_is_the_nearest_other_count_of_the_same_people() -> None:
    change = placed(series("a-1", 4, 10)).what_would_change
    (one,) = change.miscounts
    lines = [placed(series("a-1", x, 10)).line for x in range(11)]
    assert one.lower is not None
    assert one.higher is not None
    assert one.lower.responders == max(x for x in range(4) if lines[x] != "third")
    assert one.higher.responders == min(x for x in range(5, 11) if lines[x] != "third")
    assert one.off_by == min(4 - one.lower.responders, one.higher.responders - 4)


def test_a_miscount_of_one_study_among_several_is_the_review_run_again() -> None:
    change = placed(series("a-1", 3, 9), series("b-1", 2, 6)).what_would_change
    lines = [placed(series("a-1", x, 9), series("b-1", 2, 6)).line for x in range(10)]
    one = change.miscounts[0]
    now = lines[3]
    assert (one.lower.responders if one.lower else None) == max((x for x in range(3) if lines[x] != now), default=None)
    assert (one.higher.responders if one.higher else None) == min(
        (x for x in range(4, 10) if lines[x] != now), default=None
    )
