"""`handful check`: the words of titles and reasons, texts that are hard to read, and one text by itself."""

from __future__ import annotations

import json
from pathlib import Path

from tests.fixtures.small import copy_of_small_review, problems_of

from handful.check import check_review
from handful.page_words import lay_text, reading_of, review_terms
from handful.review import open_review
from handful.words.glossary import terms_in

from .command import program

SHIPPED = Path(__file__).resolve().parents[2] / "reviews" / "alopecia-areata"
QUESTION = "questions/examplinib-whole-testitis.yaml"


def test_words_of_titles_and_reasons_are_read_too(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    file = folder / QUESTION
    lines = file.read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("title:"))
    lines[at] = "title: Examplinib is effective in 3 of 4"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert [(p.file, p.line, p.code) for p in problems_of(folder)] == [(QUESTION, at + 1, "claims-too-much")]


def test_a_question_claims_nothing(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    file = folder / QUESTION
    said = file.read_text(encoding="utf-8")
    lines = [line for line in said.splitlines() if not line.startswith("asks:")]
    file.write_text("\n".join([*lines, "asks: Does examplinib work, and is it safe?"]) + "\n", encoding="utf-8")
    assert not problems_of(folder)


def test_a_hard_text_is_worth_a_look_and_refuses_nothing(tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    prose = (folder / QUESTION).with_suffix(".md")
    hard = "Methodological heterogeneity necessitates interpretational circumspection notwithstanding considerations. "
    prose.write_text(prose.read_text(encoding="utf-8") + "\n" + 40 * hard, encoding="utf-8")
    review, report = check_review(folder)
    assert review is not None
    assert report.ok
    assert [w.code for w in report.told] == ["hard-to-read"]
    run = program("check", "--known", str(folder))
    assert run.status == 0
    assert "hard-to-read: grade " in run.out
    assert "1 thing to look at" in run.err
    told = json.loads(program("check", "--json", str(folder)).out)["told"]
    assert [problem["code"] for problem in told] == ["hard-to-read"]
    prose.write_text("It was so. " * 150, encoding="utf-8")
    assert [w.code for w in check_review(folder)[1].told] == ["long-to-read"]


def test_the_shipped_review_is_plain_and_claims_nothing() -> None:
    review, report = check_review(SHIPPED)
    assert review is not None
    assert not report.told
    for key, prose in review.prose.items():
        reading = reading_of(prose, review)
        assert reading.fits, (key, reading, reading.grade)
        assert reading.words > 50
    used = terms_in(lay_text(review.prose["dupilumab-totalis-universalis"]), review_terms(review))
    assert {"case series", "comparison group", "true rate", "atopic dermatitis"} <= {u.term.name for u in used}


def test_terms_of_the_shipped_review_explain_its_fields() -> None:
    terms = {term.name: term.means for term in review_terms(open_review(SHIPPED))}
    assert terms["alopecia totalis"] == "all scalp hair is lost", "the review's own words go first"
    assert "SALT" in terms
    assert "case series" in terms


def test_one_text_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "draft.md"
    file.write_text("Counts.\n\nIt helped 25 % of adults but no children.\n", encoding="utf-8")
    run = program("check", "--prose", str(file))
    assert run.status == 1
    assert [line.split(": ")[0:2] for line in run.out.splitlines() if line.startswith(str(file))] == [
        [f"{file}:3", "claims-too-much"], [f"{file}:3", "claims-too-much"], [f"{file}:3", "number-misleads"],
    ]  # fmt: skip
    file.write_text("Of the adults, 1 of 4 had it (fewer than 1 to 81 in 100).\n", encoding="utf-8")
    run = program("check", "--prose", str(file))
    assert (run.status, run.out) == (0, "")


def test_a_text_as_the_page_of_a_question(tmp_path: Path) -> None:
    file = tmp_path / "draft.md"
    file.write_text("It helped no children. {{ adlts.count }} 1 of 4\n", encoding="utf-8")
    page = ("--question", "dupilumab-totalis-universalis", "--review", str(SHIPPED))
    run = program("check", "--json", "--prose", str(file), *page)
    assert run.status == 1
    found = json.loads(run.out)["problems"]
    assert sorted(p["code"] for p in found) == [
        "claims-too-much",
        "claims-too-much",
        "typed-number",
        "unknown-in-prose",
    ]
    hints = {p["message"].split("”")[0]: p["hint"] for p in found}
    assert "{{ children.count }}" in hints["“no children"], "the expression of the group that the words name"


def test_wrong_usage_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert program("check", "--question", "x", str(SHIPPED)).status == 2
    assert program("check", "--prose", str(tmp_path / "no.md")).status == 1
    bad = tmp_path / "bad.md"
    bad.write_bytes(b"\xff")
    run = program("check", "--prose", str(bad))
    assert run.status == 1
    assert "not-utf8" in run.err
    run = program("check", "--prose", str(bad.with_name("x.md")), "--question", "none", "--review", str(SHIPPED))
    assert run.status == 1
    assert "Traceback" not in run.err
