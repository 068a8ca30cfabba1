"""A file of a million patients: read, checked and counted by a rule; beside it the same rows validated one by one.

Prints seconds of CPU and the peak of memory of a process that does it from file to count, the ratio to validating every
row as a ``Person`` (measured on part of the rows), and whether both find the same faults and the same count.

    python benchmarks/bench_patients.py --rows 1000000
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

PART = 20_000
GOAL_SECONDS, GOAL_MEGABYTES = 60.0, 1024.0
"""Our own goal for a million: a minute and a gigabyte on one core."""

HEADER = ["person", "treatment", "row", "age_years", "age", "sex", "extent", "with", "weeks", "failed", "source", "at",
          "outcome:clear", "score:salt@baseline", "score:salt@12", "score:salt@24", "date:baseline"]  # fmt: skip


def write_rows(path: Path, rows: int, seed: int = 20260101) -> None:
    """Invented people; every 5000th row has a fault of each kind that a cell can have."""
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for i in range(rows):
            wrong = i % 5000 == 4999
            start = round(draw.uniform(20, 100), 1)
            out.writerow([
                f"p{i}", draw.choice(["drug", "placebo"]), "read", -3 if wrong else draw.randint(1, 95),
                draw.choice(["adult", "child", "adolescent"]), "man" if wrong else draw.choice(["female", "male"]),
                draw.choice(["patchy", "alopecia-totalis", "alopecia-totalis | ophiasis"]),
                draw.choice(["atopic-dermatitis", "not reported"]), draw.choice(["12", "24", "not reported"]),
                "not reported", "source-one", f"Table {draw.randint(1, 9)}",
                draw.choice(["yes", "no", "not reported"]), start, round(start * draw.random(), 1),
                "many" if wrong else ("not reported" if draw.random() < 0.1 else round(start * draw.random(), 1)),
                f"2020-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}",
            ])  # fmt: skip


def once(path: Path) -> None:
    """From file to count, in this process; prints what was found, the seconds of each step and the peak."""
    start = time.process_time()
    from handful.instruments.catalogue import laid_over
    from handful.question.people_counted import verdicts
    from handful.question.question import AcceptedRule
    from handful.records.checks.patient_rows import check_patient_rows
    from handful.records.patient_rows import read_patient_rows
    from handful.records.records import Records

    loaded = time.process_time()
    with path.open(encoding="utf-8", newline="") as lines:
        table, problems = read_patient_rows(lines, "studies/series.patients.csv")
    read = time.process_time()
    records = Records({}, {}, {}, {}, people={"series": table}, instruments=laid_over({}))
    problems += check_patient_rows(records)
    checked = time.process_time()
    rule = AcceptedRule.model_validate(
        {"rule": {"instrument": "salt", "fall-of-percent": 50}, "at": {"weeks": 24, "within": 12}, "because": "asked"}
    )
    found = verdicts(table, rule)
    counted = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(len(table), int((found == 1).sum()), len(problems), loaded - start, read - loaded, checked - read,
          counted - checked, peak)  # fmt: skip


def one_by_one(path: Path, *, memory: bool = False) -> tuple[float, float, int, set[tuple[int, str, str]]]:
    """The first rows, each read, validated as a person and kept: seconds and bytes a row, responders, faults.

    Bytes are measured in a pass of their own (``memory``), since measuring them costs time.
    """
    from pydantic import ValidationError

    from handful.instruments.responder import Rule
    from handful.records.patient_rows import told
    from handful.records.patients import PREFIXES, Person

    rule = Rule.model_validate({"instrument": "salt", "fall-of-percent": 50})
    met, faults, people = 0, set(), []
    if memory:
        tracemalloc.start()
    start = time.process_time()
    with path.open(encoding="utf-8", newline="") as file:
        for line, (cells, _) in enumerate(zip(csv.DictReader(file), range(PART), strict=False), start=2):
            body: dict[str, object] = {k: v for k, v in cells.items() if ":" not in k and v}
            for prefix, field in PREFIXES.items():
                body[field] = {k.removeprefix(prefix): v for k, v in cells.items() if k.startswith(prefix) and v}
            try:
                person = Person.model_validate(body)
            except ValidationError as error:
                for item in error.errors(include_url=False):
                    where = str(item["loc"][0])
                    prefix = next((p for p, f in PREFIXES.items() if f == where), "")
                    name = f"{prefix}{item['loc'][1]}" if prefix else where
                    message, hint = told(dict(item), cells[name])
                    faults.add((line, f"column `{name}`{message}", hint))
                continue
            people.append(person)
            later = next(
                (s for s in (person.scores["salt@24"], person.scores["salt@12"]) if isinstance(s, float)), None
            )
            first = person.scores["salt@baseline"]
            start_score = first if isinstance(first, float) else None
            met += rule.verdict({"salt": start_score}, {"salt": later}) == "yes"
    spent = (time.process_time() - start) / PART
    held = tracemalloc.get_traced_memory()[0] / PART if memory else 0.0
    tracemalloc.stop()
    return spent, held, met, faults


def agreement(path: Path) -> bool:
    """Whether the first rows give the same count and the same faults both ways."""
    from handful.question.people_counted import verdicts
    from handful.question.question import AcceptedRule
    from handful.records.patient_rows import read_patient_rows

    with path.open(encoding="utf-8", newline="") as file:
        part = [line for line, _ in zip(file, range(PART + 1), strict=False)]
    table, problems = read_patient_rows(part, "f")
    rule = AcceptedRule.model_validate(
        {"rule": {"instrument": "salt", "fall-of-percent": 50}, "at": {"weeks": 24, "within": 12}, "because": "asked"}
    )
    _, _, met, faults = one_by_one(path)
    same_faults = {(p.line, p.message, p.hint) for p in problems if p.code == "wrong-cell"} == faults
    return bool(int((verdicts(table, rule) == 1).sum()) == met and same_faults)


def main() -> int:
    """The figures; 1 when the two ways disagree or the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.once:
        once(asked.once)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        write_rows(path, asked.rows)
        size = path.stat().st_size / 2**20
        done = subprocess.run(
            [sys.executable, __file__, "--once", str(path)], capture_output=True, text=True, check=True
        )
        people, met, problems, load, read, check, count, peak = map(float, done.stdout.split())
        each, _, _, _ = one_by_one(path)
        _, held, _, _ = one_by_one(path, memory=True)
        same = agreement(path)
    total = read + check + count
    print(f"{asked.rows} rows, {size:.0f} MB: {people:.0f} people, {met:.0f} met the rule, {problems:.0f} told")
    print(f"read {read:.1f} s, checked {check:.1f} s, counted {count:.2f} s (imports {load:.1f} s); peak {peak:.0f} MB")
    slow = each * asked.rows
    print(f"kept one by one: {held:.0f} bytes a row, {held * asked.rows / 2**20:.0f} MB")
    print(f"validated one by one: {slow:.0f} s ({each * 1e6:.1f} µs a row): {slow / total:.1f} times")
    print(f"same faults and same count in the first {PART} rows: {'yes' if same else 'NO'}")
    scale = asked.rows / 1_000_000
    print(f"goal for a million: {GOAL_SECONDS:.0f} s and {GOAL_MEGABYTES:.0f} MB on one core")
    return 0 if same and total <= GOAL_SECONDS * max(scale, 0.1) and peak <= GOAL_MEGABYTES * max(scale, 0.3) else 1


if __name__ == "__main__":
    raise SystemExit(main())
