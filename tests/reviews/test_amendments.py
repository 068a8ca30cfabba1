"""The shipped review with one paper retracted, doubted or corrected: what leaves, what stays, what is shown."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

import handful as hf
from handful.check import check_review
from handful.records.amendments import Amendment, Retraction, mark_of

FLAGSHIP = "dupilumab-totalis-universalis"
NOTICE = "notices:\n  - {{kind: {kind}, on: 2026-05-03, note: {note}}}\n"


@pytest.fixture(name="folder")
def _folder(repository: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(repository / "reviews/alopecia-areata", tmp_path / "review"))


def with_notice(folder: Path, kind: str, note: str = "the journal says so", source: str = "harada-2020") -> hf.Review:
    path = folder / f"sources/{source}.yaml"
    path.write_text(path.read_text(encoding="utf-8") + NOTICE.format(kind=kind, note=note), encoding="utf-8")
    _, report = check_review(folder)
    assert report.ok, str(report)
    return hf.open_review(folder)


def included(review: hf.Review) -> set[str]:
    return {e.study.id for e in hf.select(review.records, review.questions[FLAGSHIP]).included}


def test_a_retracted_study_leaves_every_count_with_the_date(folder: Path) -> None:
    before = included(hf.open_review(folder))
    review = with_notice(folder, "retraction")
    assert before - included(review) == {"harada-2020"}
    for question in review.questions.values():
        selected = hf.select(review.records, question)
        counted = (*selected.included, *selected.harms, *selected.alternatives, *selected.cases)
        assert "harada-2020" not in {e.study.id for e in counted}
    reasons = [
        e.reason for e in hf.select(review.records, review.questions[FLAGSHIP]).excluded if e.code == "retracted"
    ]
    assert reasons == ["the paper was retracted on 3 May 2026: the journal says so"]


def test_every_number_read_in_it_is_told(folder: Path) -> None:
    with_notice(folder, "retraction")
    _, report = check_review(folder)
    told = [p for p in report.known if p.code == "retracted-source-used"]
    assert len(told) > 3
    assert all("harada-2020" in p.message for p in told)


def text_of(page: Path) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8"))).split())


def test_it_stays_visible_with_its_mark(folder: Path, tmp_path: Path) -> None:
    review = with_notice(folder, "retraction")
    hf.publish(review, to=tmp_path / "site")
    own = text_of(tmp_path / "site/studies/harada-2020.html")
    assert "Retracted, 3 May 2026" in own
    assert "Retraction on 3 May 2026: the journal says so" in own
    assert "(retracted, 3 May 2026)" in text_of(tmp_path / "site/about.html")
    question = text_of(tmp_path / f"site/questions/{FLAGSHIP}.html")
    assert "retracted on 3 May 2026" in question


def test_a_paper_under_concern_stays_in_the_count_and_is_marked(folder: Path, tmp_path: Path) -> None:
    before = included(hf.open_review(folder))
    review = with_notice(folder, "expression-of-concern")
    assert included(review) == before
    hf.publish(review, to=tmp_path / "site")
    assert "Expression of concern, 3 May 2026" in text_of(tmp_path / "site/studies/harada-2020.html")


OLD = "n:\n      kind-not-reported: {value: 7, at: take-home message of a secondary summary}"
NEW = """n:
      kind-not-reported:
        value: 7
        at: take-home message of a secondary summary
        was: [{value: 8, by: erratum, on: 2026-05-03, because: one person had been counted twice}]"""


def replace_number(folder: Path) -> None:
    path = folder / "studies/harada-2020.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(OLD) == 1
    path.write_text(text.replace(OLD, NEW), encoding="utf-8")


def test_a_number_that_an_erratum_replaced_keeps_and_shows_the_old_one(folder: Path, tmp_path: Path) -> None:
    replace_number(folder)
    review = with_notice(folder, "erratum")
    n = review.records.studies["harada-2020"].arms[0].n.get("kind-not-reported")
    assert n is not None
    assert (n.value, n.was[0].value, n.was[0].by) == (7, 8, "erratum")
    hf.publish(review, to=tmp_path / "site")
    own = text_of(tmp_path / "site/studies/harada-2020.html")
    assert "was 8 until an erratum of 3 May 2026: one person had been counted twice" in own
    assert "Corrected by an erratum, 3 May 2026" in own


def test_a_replaced_number_without_its_notice_is_a_problem(folder: Path) -> None:
    replace_number(folder)
    _, report = check_review(folder)
    (problem,) = report
    assert problem.code == "replaced-without-notice"
    assert "sources/harada-2020.yaml" in problem.hint


def test_a_number_that_replaced_itself_is_a_problem(folder: Path) -> None:
    replace_number(folder)
    path = folder / "studies/harada-2020.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("was: [{value: 8,", "was: [{value: 7,"), encoding="utf-8")
    with_notice_path = folder / "sources/harada-2020.yaml"
    notice = NOTICE.format(kind="erratum", note="x")
    with_notice_path.write_text(with_notice_path.read_text(encoding="utf-8") + notice, encoding="utf-8")
    _, report = check_review(folder)
    assert [p.code for p in report] == ["replaced-by-itself"]


def test_the_gravest_notice_is_the_mark_and_each_kind_is_a_type() -> None:
    read = TypeAdapter(tuple[Amendment, ...]).validate_python(
        [{"kind": "erratum", "on": "not recorded"}, {"kind": "retraction", "on": "2026-05-03"}]
    )
    assert isinstance(read[1], Retraction)
    assert mark_of(read) == "retracted, 3 May 2026"
    assert mark_of(read[:1]) == "corrected by an erratum"
    assert mark_of(()) == ""
    with pytest.raises(ValidationError):
        TypeAdapter(Amendment).validate_python({"kind": "retracted", "on": "2026-05-03"})
