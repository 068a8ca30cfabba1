"""Difference and update of made reviews of 125 to 1000 studies: does the cost grow in line with them?

One question counts every study. Between the two states ten counts are corrected, as between two versions of a real
review; or every count, the worst case; or one study is taken away; or one is given another id. CPU seconds of reading,
of answering again (what ``handful update`` does beside reading) and of each difference with its replay, and the ratio
of each to that at half the size (2 where it is linear); the most memory held. Exit status 1 when a ratio is above 2.6
or a difference misses a record that was changed.

    python benchmarks/bench_living.py [--sizes 125 250 500 1000]

On a two-core machine, CPU seconds for 125, 250, 500 and 1000 studies: reading 0.5, 1.0, 1.7, 3.6; answering again 1.0,
1.0, 1.2, 2.4; ten counts corrected 5.5, 9.0, 12.3, 26.1 (each of the ten answered after); every count corrected 34, 30,
20, 41 (in groups of changes); one study away 1.1, 2.1, 2.0, 4.7; one under another id 1.0, 1.8, 2.5, 4.8; at most 275
MB. From 500 to 1000 studies nothing grows more than 2.4 times. Every study left out of 50 took 6.2 s before, 0.8 now.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from handful.living.answered import answered
from handful.living.diff import diff
from handful.review import open_review

T = TypeVar("T")

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


def timed(what: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds, and what came back."""
    began = time.process_time()
    result = what()
    return time.process_time() - began, result


def correct(folder: Path, studies: Iterable[int]) -> None:
    """One more person with the outcome in each of these studies."""
    for i in studies:
        path = folder / f"studies/s{i}.yaml"
        path.write_text(path.read_text().replace(f"value: {i % 5}, at: Table 2", f"value: {i % 5 + 1}, at: Table 2"))


def rename(folder: Path) -> None:
    """The last study under another id."""
    last = max(folder.glob("studies/s*.yaml"), key=lambda path: int(path.stem[1:]))
    last.with_name("another.yaml").write_text(last.read_text().replace(f"id: {last.stem}", "id: another", 1))
    last.unlink()


def measure(size: int) -> tuple[dict[str, float], bool]:
    """CPU seconds of everything at this size, and whether a difference missed a record."""
    with tempfile.TemporaryDirectory() as made:
        old = Path(made) / "old"
        make(old, size)
        read, review = timed(lambda: open_review(old))
        update, _ = timed(lambda: answered(review, "better"))
        spent = {"read": read, "update": update}
        ten = {i * size // 10 for i in range(10)}
        edits: dict[str, tuple[Callable[[Path], object], set[str]]] = {
            "ten": (lambda new: correct(new, ten), {f"s{i}" for i in ten}),
            "all": (lambda new: correct(new, range(size)), {f"s{i}" for i in range(size)}),
            "removed": (lambda new: (new / "studies/s7.yaml").unlink(), {"s7"}),
            "renamed": (rename, {f"s{size - 1}", "another"}),
        }
        missed = False
        for name, (edit, ids) in edits.items():
            new = Path(made) / name
            shutil.copytree(old, new)
            edit(new)
            after = open_review(new)
            spent[name], found = timed(lambda after=after: diff(review, after))  # type: ignore[misc]
            movers = {unit.id for answer in found.answers for m in answer.movements for unit in m.by}
            told = {record.unit.id for record in found.records}
            # another id moves no number: it is told, and nothing else is
            missed |= movers != (set() if name == "renamed" else ids)
            missed |= told != ids if name != "renamed" else "another" not in told
    return spent, missed


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[125, 250, 500, 1000])
    options = parser.parse_args()
    before: dict[str, float] = {}
    bad = False
    print("studies   " + "".join(f"{name:>16}" for name in ("read", "update", "ten", "all", "removed", "renamed")))
    for size in options.sizes:
        now, missed = measure(size)
        bad |= missed or (bool(before) and any(v / before[k] > 2.6 for k, v in now.items()))
        cells = [f"{v:8.2f} {'x' + format(v / before[k], '.1f') if before else '':>7}" for k, v in now.items()]
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{size:>7}   {''.join(cells)}   {most} MB{', a record was missed' if missed else ''}", flush=True)
        before = now
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
