"""Every defensible analysis of a made-up question, beside the same analyses computed one by one with ``hf.pool``.

    python benchmarks/bench_sensitivity.py

Nine studies, four outcome words, two numbers of people, two conflicts with bounds, every study left out once, four
models and three priors: some thousand analyses. A sample of them is computed singly, in the same run and process, and
the time scaled to all; printed are CPU seconds, the ratio, and the largest difference of an estimate or a limit.
"""

from __future__ import annotations

import random
import time
from types import SimpleNamespace

import handful as hf
from handful.question.question import Question
from handful.records.conflict import Conflict
from handful.records.records import Records
from handful.records.source import Source
from handful.records.study import Study
from handful.records.treatment import OutcomeDefinition, Treatment
from handful.synthesis.sensitivity_models import priors_of

WORDS = ("half", "three-quarters", "nearly-all", "all")
SAMPLE = 60


def _number(value: int) -> dict[str, object]:
    return {"value": value, "at": "Table 1"}


def made_up(studies: int = 9, seed: int = 1) -> tuple[SimpleNamespace, Question]:
    """A review of invented studies, and its question."""
    random_ = random.Random(seed)
    made = []
    for i in range(studies):
        analysed = random_.randint(8, 40)
        rates = sorted((random_.uniform(0.05, 0.7) for _ in WORDS), reverse=True)
        counts = [round(analysed * rate) for rate in rates]
        arm = {
            "id": "treated",
            "treatment": "drug",
            "people": {"age": "adult"},
            "n": {"analysed": _number(analysed), "randomised": _number(analysed + random_.randint(1, 6))},
            "outcomes": [{"outcome": w, "responders": _number(c)} for w, c in zip(WORDS, counts, strict=True)],
        }
        design = "randomised" if i % 3 == 0 else "cohort" if i % 3 == 1 else "case-series"
        made.append(Study.model_validate({"id": f"study-{i}", "source": f"study-{i}", "design": design, "arms": [arm]}))
    conflicts = tuple(
        Conflict.model_validate(
            {
                "id": f"how-many-{s.id}",
                "about": {"study": s.id, "arm": "treated", "field": "n"},
                "values": [
                    {"value": s.arms[0].n.analysed.value, "source": s.id},
                    {"value": s.arms[0].n.analysed.value + 5, "source": s.id},
                ],
                "used": s.arms[0].n.analysed.value,
                "because": "made up",
                "consequence": "bounds",
            }
        )
        for s in made[:2]
        if s.arms[0].n.analysed is not None
    )
    records = Records(
        studies={s.id: s for s in made},
        sources={
            s.id: Source.model_validate({"id": s.id, "kind": "paper", "title": s.id, "seen": {"level": "abstract"}})
            for s in made
        },
        treatments={"drug": Treatment.model_validate({"id": "drug", "name": "Drug"})},
        outcomes={w: OutcomeDefinition(id=w, name=w.replace("-", " "), definition="made up") for w in WORDS},
        conflicts=conflicts,
    )
    accepts = [{"name": w, "accepts": [{"outcome": w, "because": "w"}]} for w in WORDS]
    question = Question.model_validate(
        {
            "id": "made-up",
            "title": "Made up",
            "treatment": "drug",
            "outcome": accepts[0],
            "also": [{"id": w, "because": "w", **a} for w, a in zip(WORDS[1:], accepts[1:], strict=True)],
            "designs": ["randomised", "cohort", "case-series"],
            "plan": {"model": "bayes"},
        }
    )
    return SimpleNamespace(records=records, questions={question.id: question}, ladders={}), question


def main() -> None:
    review, question = made_up()
    hf.sensitivity(review, question, most=200)  # modules and grids that a process makes once
    start = time.process_time()
    found = hf.sensitivity(review, question)
    batch = time.process_time() - start
    assert not isinstance(found, hf.NotEstimable)
    rows = found.overall.rows
    chosen = random.Random(2).sample(rows, min(SAMPLE, len(rows)))
    worst = 0.0
    start = time.process_time()
    singly = []
    for row in chosen:
        events, totals = [a.events for a in row.arms], [a.total for a in row.arms]
        if row.model == "added-up":
            singly.append(hf.proportion(sum(events), sum(totals)))
            continue
        priors = None
        if row.model == "bayes":
            priors = dict(zip(("mean", "tau"), priors_of(question.plan, row.choices["prior"]), strict=True))
        singly.append(hf.pool(hf.one_arm(events, totals), model=row.model, priors=priors))
    naive = (time.process_time() - start) / len(chosen) * len(rows)
    for row, one in zip(chosen, singly, strict=True):
        pairs = ((row.estimate, one.estimate), (row.low, one.low), (row.high, one.high))
        worst = max(worst, *(abs(a - b) for a, b in pairs))
    print(f"{found.overall.combinations} combinations of choices, {len(rows)} different analyses")
    print(f"all at once      {batch:8.2f} CPU s   ({1e3 * batch / len(rows):.2f} ms an analysis)")
    print(f"one by one       {naive:8.2f} CPU s   (from a sample of {len(chosen)}; fits only)")
    every = naive / len(rows) * found.overall.combinations
    print(f"every one alone  {every:8.2f} CPU s   (the loop over all combinations, nothing shared)")
    print(f"ratios           {naive / batch:8.1f} to one by one, {every / batch:.1f} to every combination alone")
    print(f"largest difference of an estimate or a limit: {worst:.1e}")


if __name__ == "__main__":
    main()
