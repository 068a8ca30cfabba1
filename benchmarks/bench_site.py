"""How the cost of a site grows with its questions: made-up reviews of growing size, built whole.

python benchmarks/bench_site.py [QUESTIONS …]

Each question of the made-up review has three studies of its own, with a count in each. Printed: seconds of reading,
answering and writing, milliseconds a question, and their ratio to the smallest review's; linear growth is a ratio of 1.
"""

from __future__ import annotations

import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from handful.review import open_review
from handful.site.build import answer_all, make_site, pages, texts

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


def measure(questions: int) -> tuple[float, float, float]:
    """Seconds of reading, answering and writing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "review"
        make(folder, questions)
        times = [time.process_time()]
        review = open_review(folder)
        times.append(time.process_time())
        answers = answer_all(review)
        times.append(time.process_time())
        site = make_site(review, answers)
        prose, problems = texts(site)
        assert not problems
        for _ in pages(site, prose):
            pass
        times.append(time.process_time())
    read, answered, written = (after - before for before, after in pairwise(times))
    return read, answered, written


def main() -> None:
    """Prints a line a size."""
    first = 0.0
    print("questions  reading  answering  writing  ms a question  against the smallest")
    for questions in [int(n) for n in sys.argv[1:]] or [30, 100, 300, 1000]:
        found = measure(questions)
        each = 1000 * sum(found) / questions
        first = first or each
        print(f"{questions:9d}" + "".join(f"{t:9.1f}" for t in found) + f"{each:15.0f}{each / first:22.2f}", flush=True)


if __name__ == "__main__":
    main()
