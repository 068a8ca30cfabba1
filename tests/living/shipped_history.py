"""Real steps of the shipped review, and the notes they give; kept in docs/how-to/keep-a-review-living.md.

python -m tests.living.shipped_history        writes the notes into that page again: read them before you commit
"""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from pathlib import Path

from handful.living.diff import diff
from handful.living.note import note
from handful.living.units import Unit, in_one_order, units, with_unit
from handful.records.amendments import Retraction
from handful.review import Review, open_review

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs/how-to/keep-a-review-living.md"
BLOCK = re.compile(r"(<!-- note: ([a-z0-9-]+) -->\n````markdown\n)(.*?)(````\n)", re.DOTALL)


QUESTIONS = ("dupilumab-totalis-universalis", "dupilumab-children")


def shipped() -> Review:
    """The shipped review with two of its questions, named without the place it was read from."""
    review = in_one_order(open_review(REPOSITORY / "reviews/alopecia-areata"))
    few = {name: review.questions[name] for name in QUESTIONS}
    return replace(review, folder=Path("review"), questions=few, prose={})


def before_the_reports_of_2024(review: Review) -> Review:
    """As it would have stood before any source of 2024 or later: without their studies and people."""
    sources = review.records.sources
    for unit in units(review):
        study = review.records.studies.get(unit.id) if unit.kind in ("studies", "people") else None
        year = sources[study.source].year if study is not None and study.source in sources else None
        if isinstance(year, int) and year >= 2024:
            review = with_unit(review, unit, None)
    return review


def with_the_definition_read_wrongly(review: Review) -> Review:
    """With 'SALT below 11' defined as below 10, as one could have misread it."""
    known = review.records.outcomes["salt-below-11"]
    return with_unit(review, Unit("outcomes", known.id), known.model_copy(update={"definition": "SALT score below 10"}))


def with_harada_retracted(review: Review) -> Review:
    """An invented retraction, in a copy: no notice about this paper is known."""
    source = review.records.sources["harada-2020"]
    notice = Retraction(kind="retraction", on=datetime.date(2026, 12, 1), note="invented, to show what happens")
    return with_unit(review, Unit("sources", source.id), source.model_copy(update={"notices": (notice,)}))


def notes() -> dict[str, str]:
    """Name → the note, without the list of every number at its end."""
    now = shipped()
    made = {
        "reports-of-2024": diff(
            before_the_reports_of_2024(now), now, old_name="before the reports of 2024", new_name="now"
        ),
        "definition-corrected": diff(
            with_the_definition_read_wrongly(now), now, old_name="the definition misread", new_name="now"
        ),
        "study-retracted": diff(now, with_harada_retracted(now), old_name="now", new_name="a copy with a retraction"),
    }
    return {name: _short(note(found)) for name, found in made.items()}


def _short(words: str) -> str:
    """Without the list of every number, and without how long it is: both change with whatever answers also hold."""
    told = words.split("\n## Every number and word that moved")[0].rstrip()
    return re.sub(r"- \d+ other parts? of the stored answer; all are listed below\.\n", "", told)


def written(page: str) -> str:
    """The page with every note made again."""
    made = notes()
    return BLOCK.sub(lambda m: f"{m[1]}{made[m[2]]}\n{m[4]}", page)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(PAGE)
