"""The search for studies that may share people: 10 000 studies beside 2 500, and how many planted pairs are found.

CPU time, lowest of three; with as many reviews in both, four times as many studies should take about four times as long
(16 times where all pairs are compared). Each review is a pair with every study of its treatment. The records stand
outside the garbage collector's rounds, which cost more the more there is in memory, whatever is computed.
Exit status 1 when a planted pair is missed or a goal is not met.

    python benchmarks/bench_overlaps.py
"""

from __future__ import annotations

import gc
import random
import sys
import time

from handful.records.overlap_guard import perhaps_shared
from handful.records.records import Records
from handful.records.source import Source
from handful.records.study import Study

GOAL_SECONDS, GOAL_RATIO = 10.0, 6.0
TREATMENTS = 40


def made(n: int, planted: int, seed: int) -> tuple[Records, set[tuple[str, str]]]:
    """n studies of 40 treatments, about 40 of them reviews; ``planted`` pairs share a clinic, years and an author."""
    draw = random.Random(seed)
    studies, sources, pairs = {}, {}, set()
    for i in range(n):
        key = f"s-{i:06d}"
        twin = i % 2 == 1 and i < 2 * planted
        clinic = f"clinic {i // 2}" if i < 2 * planted else f"clinic {n + i}"
        author = f"Author {i // 2}" if i < 2 * planted else f"Author {draw.randrange(n)}"
        treatment = f"drug-{(i // 2) % TREATMENTS}" if i < 2 * planted else f"drug-{draw.randrange(TREATMENTS)}"
        review = i >= 2 * planted and draw.random() < 40 / n
        studies[key] = Study.model_validate(
            {
                "id": key,
                "source": key,
                "design": "literature-review" if review else draw.choice(["case-series", "cohort", "randomised"]),
                "clinics": [clinic],
                "recruited": {"first": 2010, "last": 2014},
                "arms": [
                    {
                        "id": "all",
                        "treatment": treatment,
                        "people": {"age": ["adult"]},
                        "n": {"enrolled": {"value": draw.randint(3, 400), "at": "p. 1"}},
                    }
                ],
            }
        )
        sources[key] = Source.model_validate(
            {
                "id": key,
                "kind": "paper",
                "title": key,
                "authors": author,
                "year": 2000 + i % 25,
                "seen": {"level": "abstract"},
            }
        )
        if twin:
            pairs.add((f"s-{i - 1:06d}", key))
    return Records(studies, sources, {}, {}), pairs


def timed(n: int) -> tuple[float, int, int]:
    """Seconds (lowest of three), pairs asked about, planted pairs missed."""
    records, planted = made(n, n // 20, 1)
    gc.collect()
    gc.freeze()
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        found = perhaps_shared(records)
        best = min(best, time.process_time() - start)
    missed = planted - {(p.first, p.second) for p in found}
    return best, len(found), len(missed)


def main() -> int:
    """Prints the table; 1 when a goal is missed."""
    small, large = timed(2500), timed(10_000)
    ratio = large[0] / small[0]
    print(f"{'studies':>8}  {'seconds':>8}  {'asked':>7}  {'planted pairs missed':>20}")
    for n, (seconds, asked, missed) in ((2500, small), (10_000, large)):
        print(f"{n:>8}  {seconds:>8.2f}  {asked:>7}  {missed:>20}")
    print(
        f"ratio of four times as many: {ratio:.1f} (goal: at most {GOAL_RATIO}); seconds: goal at most {GOAL_SECONDS}"
    )
    good = large[0] <= GOAL_SECONDS and ratio <= GOAL_RATIO and not small[2] and not large[2]
    print("goal met" if good else "GOAL MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
