"""The second review, from its patient rows to its page: counts against R, the moving bar, everybody one by one."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import handful as hf
from handful.counts.moving_bar import change_from_start, moving_bar
from handful.review import Review
from handful.site.publish import publish
from handful.synthesis.results import is_current
from handful.synthesis.synthesis import Synthesis

QUESTION = "progabide-seizures"
ROWS = "studies/progabide-partial-seizures.patients.csv"


@pytest.fixture(scope="module")
def review(repository: Path) -> Review:
    return hf.open_review(repository / "reviews" / "progabide-epilepsy")


@pytest.fixture(scope="module")
def answer(review: Review) -> Synthesis:
    asked = review.question(QUESTION)
    return hf.synthesise(hf.count(hf.select(review.records, asked)), asked.plan)


def test_the_made_columns_are_the_sums_and_quarters_that_the_readme_says(repository: Path) -> None:
    with (repository / "reviews/progabide-epilepsy" / ROWS).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 59
    for row in rows:
        two_weeks = [int(row[f"score:seizures-per-2-weeks@{w}"]) for w in (2, 4, 6, 8)]
        assert sum(two_weeks) == int(row["score:seizures-8-weeks@8"]), row["person"]
        before = int(row["score:seizures-8-weeks@baseline"])
        assert float(row["score:seizures-per-2-weeks@baseline"]) == before / 4, row["person"]


def test_rows_are_the_published_ones(repository: Path) -> None:
    """Totals of the data set in R: with(MASS::epil, ...), MASS 7.3-58.2."""
    with (repository / "reviews/progabide-epilepsy" / ROWS).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for arm, people, before, after in (("placebo", 28, 862, 961), ("progabide", 31, 980, 987)):
        mine = [r for r in rows if r["treatment"] == arm]
        assert len(mine) == people
        assert sum(int(r["score:seizures-8-weeks@baseline"]) for r in mine) == before
        assert sum(int(r["score:seizures-8-weeks@8"]) for r in mine) == after


def test_counts_are_those_of_r(answer: Synthesis) -> None:
    """aggregate(y ~ subject + trt + base + age, MASS::epil, sum), then y <= base/2 by trt, and by age < 30 (R)."""
    groups = {g.id: (g.count.events, g.count.total) for g in (*answer.main.groups, answer.main.overall)}
    assert groups == {"younger-than-30": (6, 18), "thirty-or-older": (2, 13), "overall": (8, 31)}
    placebo = next(r.row for r in answer.alternatives if r.row.counted_from is not None)
    assert placebo.events is not None
    assert placebo.total is not None
    assert (placebo.events.value, placebo.total.value) == (2, 28)
    others = {o.id: (o.overall.count.events, o.overall.count.total) for o in answer.also}
    assert others == {"last-two-weeks": (12, 31), "quarter-fewer": (16, 31), "improved": (20, 35)}


@pytest.mark.parametrize(("bar", "progabide", "placebo"), [(25, 16, 4), (50, 8, 2), (75, 2, 0), (100, 1, 0)])
def test_the_moving_bar_is_that_of_r(answer: Synthesis, bar: float, progabide: int, placebo: int) -> None:
    """tapply(y <= base * (1 - t / 100), trt, sum) in R, for t = 25, 50, 75, 100."""
    main = moving_bar(answer.main.overall.count.rows[0])
    other = moving_bar(next(r.row for r in answer.alternatives if r.row.counted_from is not None))
    assert main is not None
    assert other is not None
    assert (main.count_at(bar), other.count_at(bar)) == (progabide, placebo)


def test_moving_the_bar_is_asking_again_with_another_rule(review: Review, answer: Synthesis) -> None:
    main = moving_bar(answer.main.overall.count.rows[0])
    assert main is not None
    asked = review.question(QUESTION)
    for height in (1.0, 12.5, 33.3, 61.0, 99.0):
        rule = asked.outcome.rules[0]
        moved = rule.model_copy(update={"rule": rule.rule.at_bar(height)})
        other = asked.model_copy(update={"outcome": asked.outcome.model_copy(update={"accepts": (moved,)})})
        counts = hf.count(hf.select(review.records, other))
        assert counts.main.overall.events == main.count_at(height)


def test_nobody_falls_below_the_line_of_the_first_and_the_last_step(answer: Synthesis) -> None:
    main = moving_bar(answer.main.overall.count.rows[0])
    assert main is not None
    counts = [reached for _, reached in main.steps(0, 100)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == main.count_at(100) == 1
    change = change_from_start(main.people)
    assert change is not None
    # person 49: 151 seizures before, 302 in the eight weeks after: exactly twice as many
    assert change[49 - 29] == pytest.approx(100, abs=1e-12)


def test_results_are_current(review: Review, answer: Synthesis) -> None:
    assert is_current(answer, review.folder, review.beside(answer)), f"run `handful update {review.folder}`"


def test_from_csv_to_page(review: Review, tmp_path: Path) -> None:
    publish(review, to=tmp_path / "site")
    page = (tmp_path / "site/questions" / f"{QUESTION}.html").read_text(encoding="utf-8")
    assert "Where the bar is set" in page
    for told in ("16 of 31", "8 of 31", "2 of 31", "4 of 28", "people with a row"):
        assert told in page
    people = (tmp_path / "site/patients" / f"{QUESTION}.html").read_text(encoding="utf-8")
    assert "person 49: 151, then 302 (+100 %)" in people
    assert people.count("bar met at") > 20
    assert "lines 30 to 60" in page
