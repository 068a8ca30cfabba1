"""A thousand random edits of a review: does each change note name every number that moved, and no other?

Each edit changes one to three records of a small review (counts, numbers of people, definitions, designs, a study taken
away) at random. The note's list is read back from its words and held against the two answers computed on their own; the
steps of the replay must lead from the one to the other. The drawn posterior of each group under four priors is left out
here (nine tenths of the time; it follows from the same counts). Figures go to ``data/random_edits.json``.

    python validation/random_edits.py [--edits 1000] [--seed 20261128]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from handful.base.errors import HandfulError  # noqa: E402
from handful.living.answered import answered, moved  # noqa: E402
from handful.living.diff import diff  # noqa: E402
from handful.living.note import note  # noqa: E402
from handful.living.replay import replay  # noqa: E402
from handful.living.units import Unit, in_one_order, units, with_unit  # noqa: E402
from handful.records.study import Study  # noqa: E402
from handful.review import Review, open_review  # noqa: E402
from handful.synthesis import synthesise  # noqa: E402

REVIEW = HERE.parent / "tests/golden/review"


def edited_study(study: Study, rng: random.Random) -> Study | None:
    """The study with one thing changed, or ``None``: taken away."""
    if rng.random() < 0.1 or not study.arms:
        return None
    i = rng.randrange(len(study.arms))
    arm = study.arms[i]
    kind = rng.choice(("responders", "events", "n", "dose"))
    update: dict[str, Any] = {}
    if kind in ("responders", "events"):
        name = "outcomes" if kind == "responders" else "harms"
        items = list(getattr(arm, name))
        if items:
            j = rng.randrange(len(items))
            old = getattr(items[j], kind)
            if old is not None:
                new = old.model_copy(update={"value": max(0, old.value + rng.choice((-1, 1)))})
                items[j] = items[j].model_copy(update={kind: new})
            update[name] = tuple(items)
    elif kind == "n":
        known = next((k for k in arm.n.kinds()), None)
        if known is not None:
            field = known.replace("-", "_")
            old = arm.n.get(known)
            assert old is not None
            update["n"] = arm.n.model_copy(update={field: old.model_copy(update={"value": old.value + 1})})
    else:
        update["dose"] = f"dose {rng.randrange(10)}"
    arms = (*study.arms[:i], arm.model_copy(update=update), *study.arms[i + 1 :])
    return study.model_copy(update={"arms": arms})


def one_edit(start: Review, rng: random.Random) -> tuple[Review, set[Unit]]:
    """The review after one to three changes, and which records were touched."""
    review, touched = start, set()
    for _ in range(rng.randint(1, 3)):
        identifier = rng.choice(sorted(review.records.studies))
        unit = Unit("studies", identifier)
        review = with_unit(review, unit, edited_study(review.records.studies[identifier], rng))
        touched.add(unit)
    return review, touched


def held(start: Review, review: Review, touched: set[Unit]) -> tuple[str, int]:
    """'' when the note is true, else what is wrong; and how many numbers moved."""
    found = diff(start, review)
    words = note(found)
    numbers = 0
    for question in start.questions:
        change = next((a for a in found.answers if a.question == question), None)
        try:
            old, new = answered(start, question), answered(review, question)
        except HandfulError as error:
            if change is None or change.problem != error.message:
                return f"an answer that cannot be computed is not said so: {error.message}", 0
            continue
        whole = moved(old, new)
        numbers += len(whole)
        if change is None:
            if whole:
                return "an answer moved and the note is silent", numbers
            continue
        if {(m.moved.path, str(m.moved.old), str(m.moved.new)) for m in change.movements} != {
            (m.path, str(m.old), str(m.new)) for m in whole
        }:
            return "the note's list is not what moved", numbers
        content = units(review)
        _, end = replay(start, question, {u: content.get(u) for u in touched}, start=old)
        if moved(end, new):
            return "the steps do not add up to the whole", numbers
        if not all(m.by and set(m.by) <= touched for m in change.movements):
            return "moved by a record that was not touched, or by none", numbers
    listed = words.split("## Every number and word that moved")[1].count("\n- ") if numbers else 0
    return ("" if listed == numbers else f"{numbers} numbers moved, {listed} are listed"), numbers


def main() -> int:
    """Runs all edits and writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261128)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    synthesise.group_posteriors = lambda *_, **__: ()  # type: ignore[attr-defined]
    start = in_one_order(open_review(REVIEW))
    wrong: list[str] = []
    numbers = silent = 0
    began = time.process_time()
    for done in range(options.edits):
        review, touched = one_edit(start, rng)
        fault, count = held(start, review, touched)
        numbers += count
        silent += count == 0
        if fault:
            wrong.append(f"edit {done}: {fault}")
            print(wrong[-1], file=sys.stderr)
        if sys.stderr.isatty():
            print(f"\r{done + 1}/{options.edits}", end="", file=sys.stderr)
    figures = {
        "edits": options.edits,
        "seed": options.seed,
        "numbers_moved": numbers,
        "edits_that_moved_nothing": silent,
        "wrong": wrong,
        "cpu_seconds": round(time.process_time() - began),
    }
    (HERE / "data/random_edits.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
