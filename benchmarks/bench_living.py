"""Difference and update of made reviews of 250, 500 and 1000 studies: does the cost grow in line with them?

One question counts every study; ten counts are corrected between the two states, as between two versions of a real
review. CPU time of reading, of answering again (what ``handful update`` does) and of the difference with its replay,
and the ratio of each to that at half the size (2 where it is linear). Exit status 1 when a ratio is above 2.6 or the
difference misses one of the ten.

    python benchmarks/bench_living.py [--sizes 250 500 1000]
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from handful.living.answered import answered
from handful.living.diff import diff
from handful.review import open_review

STUDY = """id: s{i}
source: s{i}
design: case-series
arms:
  - id: all
    treatment: calmol
    people: {{age: adult}}
    n: {{assessed: {{value: {n}, at: Table 1}}}}
    outcomes:
      - outcome: better
        time: {{weeks: 24}}
        responders: {{value: {x}, at: Table 2}}
"""
SOURCE = "id: s{i}\nkind: paper\ntitle: Series {i}\nauthors: Author{i}\nyear: 2020\nseen: {{level: full-text}}\n"
REVIEW = """id: made
title: A made review
condition: made
people:
  - {name: nobody, role: made it up}
disclaimer: Made up.
last_search: none
"""
QUESTION = """id: better
title: Calmol
people: {age: adult}
treatment: calmol
outcome:
  name: better
  accepts:
    - {outcome: better, because: what is asked}
plan: {model: common-effect}
"""


def make(folder: Path, studies: int) -> None:
    """A review of that many one-arm studies."""
    for part in ("studies", "sources", "questions"):
        (folder / part).mkdir(parents=True)
    (folder / "review.yaml").write_text(REVIEW)
    (folder / "treatments.yaml").write_text("treatments:\n  - {id: calmol, name: calmol, kind: drug}\n")
    (folder / "outcomes.yaml").write_text(
        "outcomes:\n  - {id: better, name: better, definition: better, kind: benefit}\n"
    )
    (folder / "questions/better.yaml").write_text(QUESTION)
    for i in range(studies):
        n = 5 + i % 40
        (folder / f"studies/s{i}.yaml").write_text(STUDY.format(i=i, n=n, x=i % 5))
        (folder / f"sources/s{i}.yaml").write_text(SOURCE.format(i=i))


def timed(what: object) -> tuple[float, object]:
    """CPU seconds, and what came back."""
    began = time.process_time()
    result = what()  # type: ignore[operator]
    return time.process_time() - began, result


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[250, 500, 1000])
    options = parser.parse_args()
    before: dict[str, float] = {}
    missed = False
    print(f"{'studies':>8} {'read':>14} {'update':>14} {'difference':>14}   (CPU seconds, ratio to the row above)")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as made:
            old, new = Path(made) / "old", Path(made) / "new"
            make(old, size)
            shutil.copytree(old, new)
            changed = [i * size // 10 for i in range(10)]
            for i in changed:
                path = new / f"studies/s{i}.yaml"
                path.write_text(
                    path.read_text().replace(f"value: {i % 5}, at: Table 2", f"value: {i % 5 + 1}, at: Table 2")
                )
            read, review = timed(lambda old=old: open_review(old))
            after = open_review(new)
            update, _ = timed(lambda review=review: answered(review, "better"))
            spent, found = timed(lambda review=review, after=after: diff(review, after))
        (answer,) = found.answers
        movers = {unit.id for m in answer.movements for unit in m.by}
        missed |= movers != {f"s{i}" for i in changed}
        now = {"read": read, "update": update, "difference": spent}
        cells = [f"{v:8.2f} {'x' + format(v / before[k], '.1f') if before else '':>5}" for k, v in now.items()]
        missed |= bool(before) and any(v / before[k] > 2.6 for k, v in now.items())
        print(f"{size:>8} {' '.join(cells)}   moved by {len(movers)} records")
        before = now
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
