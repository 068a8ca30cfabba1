"""How the cost of a site grows with its questions: made-up reviews of growing size, built whole, then after one edit.

python benchmarks/bench_site.py [--jobs N] [QUESTIONS …]

Each question of the made-up review has three studies of its own, with a count in each. For each size: processor seconds
of reading and of building (all processes), seconds by the clock, milliseconds a question and their ratio to the
smallest review's (1 where it is linear), the most memory held by any process; then the same after one count was
corrected, with what the build before had worked out.

On a busy two-core machine, two processes: 250 questions 76 processor seconds fresh (317 ms a question, 117 MB a
process) and 3.3 after one edit; 500 questions 158 (328 ms, 154 MB) and 8.2; 1000 questions 362 (375 ms, 216 MB; 285
seconds by the clock, 12,031 files) and 26: 1.18 times as much a question as at 250, fresh. After one edit 16 files are
written; what is left there is reading, and the pages that list everything.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from handful.review import read_review
from handful.site.kept import Kept
from handful.site.publish import publish

REVIEW = """id: made-up
title: Made-up questions
condition: made-up condition
people: [{name: a benchmark, role: made it up}]
disclaimer: Made up. Not medical advice.
last_search: none
attributes: {age: {adult: adults, child: children}}
"""
SOURCE = """id: {id}
kind: paper
title: Study {id}
authors: Author {id}
year: {year}
seen: {{level: full-text}}
"""
STUDY = """id: {id}
source: {id}
design: case-series
arms:
  - id: all
    treatment: drug-{q}
    people: {{age: {age}}}
    n: {{started: {{value: {n}, at: table 1}}}}
    outcomes:
      - {{outcome: better, time: {{weeks: 24}}, responders: {{value: {x}, at: table 2}}}}
"""
QUESTION = """id: question-{q}
title: Drug {q} for the made-up condition
people: {{}}
treatment: drug-{q}
outcome: {{name: better, accepts: [{{outcome: better, because: it is the only one}}]}}
groups: {{adults: {{age: adult}}, children: {{age: child}}}}
designs: [case-series]
"""


def make(folder: Path, questions: int) -> None:
    """A review of so many questions; the same every time."""
    for part in ("sources", "studies", "questions"):
        (folder / part).mkdir(parents=True)
    (folder / "review.yaml").write_text(REVIEW, encoding="utf-8")
    (folder / "outcomes.yaml").write_text(
        "outcomes: [{id: better, name: better, definition: better than before}]\n", encoding="utf-8"
    )
    drugs = "".join(f"  - {{id: drug-{q}, name: drug {q}}}\n" for q in range(questions))
    (folder / "treatments.yaml").write_text("treatments:\n" + drugs, encoding="utf-8")
    for q in range(questions):
        (folder / "questions" / f"question-{q}.yaml").write_text(QUESTION.format(q=q), encoding="utf-8")
        for i in range(3):
            known = {"id": f"study-{q}-{i}", "q": q, "year": 1990 + i, "n": 4 + (q + i) % 9, "x": (q + i) % 4}
            known["age"] = "adult" if i % 2 else "child"
            (folder / "sources" / f"{known['id']}.yaml").write_text(SOURCE.format(**known), encoding="utf-8")
            (folder / "studies" / f"{known['id']}.yaml").write_text(STUDY.format(**known), encoding="utf-8")


def spent() -> float:
    """Processor seconds of this process and of those it waited for."""
    mine, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


def built(folder: Path, to: Path, cache: Path, jobs: int | None) -> tuple[float, float, float, int]:
    """Processor seconds of reading and of building, seconds by the clock, and how many files were written anew."""
    before = {path: path.stat().st_ino for path in to.rglob("*") if path.is_file()}
    began, start = spent(), time.perf_counter()
    kept = Kept(cache)
    known = kept.texts()
    review, report = read_review(folder, known)
    assert review is not None
    assert report.ok
    kept.keep_texts(known)
    read = spent()
    publish(review, to=to, jobs=jobs, cache=cache)
    new = sum(before.get(path) != path.stat().st_ino for path in to.rglob("*") if path.is_file())
    return read - began, spent() - read, time.perf_counter() - start, new


def main() -> None:
    """Prints two lines a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("questions", type=int, nargs="*", default=[125, 250, 500, 1000])
    options = parser.parse_args()
    first: dict[str, float] = {}
    print(
        "questions                 reading  building  by the clock  ms a question  to the smallest  files written    MB"
    )
    for questions in options.questions:
        with tempfile.TemporaryDirectory() as name:
            folder, site, cache = Path(name) / "review", Path(name) / "site", Path(name) / "cache"
            make(folder, questions)
            for what in ("fresh", "after one edit"):
                if what != "fresh":
                    study = folder / "studies" / "study-0-0.yaml"
                    study.write_text(
                        study.read_text(encoding="utf-8").replace("value: 0", "value: 1", 1), encoding="utf-8"
                    )
                read, building, clock, new = built(folder, site, cache, options.jobs)
                each = 1000 * (read + building) / questions
                ratio = each / first.setdefault(what, each)
                most = max(
                    resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
                )
                print(
                    f"{questions:9d} {what:14} {read:7.1f}{building:10.1f}{clock:14.1f}{each:15.0f}{ratio:17.2f}"
                    f"{new:15d}{most // 1024:6d}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
