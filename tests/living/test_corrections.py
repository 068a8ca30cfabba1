"""A reader's point stands beside its number until it is answered, and is never lost."""

from __future__ import annotations

import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.site.tree import parse

from handful.check import check_review
from handful.review import open_review
from handful.site.build import answer_all, make_site
from handful.site.corrections import ways_to_send
from handful.site.publish import publish

from .copies import edit, golden_copy


def test_an_open_point_stands_beside_its_number_and_in_its_section(tmp_path: Path) -> None:
    publish(open_review(golden_copy(tmp_path)), to=tmp_path / "site")
    page = (tmp_path / "site/questions/calmol-whole.html").read_text(encoding="utf-8")
    assert 'href="#correction-series-count">a reader says this is wrong</a>' in page
    assert page.index('id="correction-series-count"') < page.index('id="correction-letter-year"'), "open ones first"
    assert page.count("a reader says this is wrong") == 1, "an answered point is no longer beside the number"
    told = parse(page)
    section = told.one("section", **{"aria-labelledby": "replies"})
    assert "2 points made by readers, 1 of them open" in section.text()
    assert "The letter's people were treated three years later." in section.text()


def test_a_page_without_points_says_so(tmp_path: Path) -> None:
    folder = golden_copy(tmp_path)
    (folder / "corrections.yaml").unlink()
    publish(open_review(folder), to=tmp_path / "site")
    page = (tmp_path / "site/questions/calmol-whole.html").read_text(encoding="utf-8")
    assert "No reader has pointed out an error here so far." in page


def test_a_message_names_the_number_and_cannot_be_broken_out_of(tmp_path: Path) -> None:
    folder = golden_copy(tmp_path)
    edit(folder, "review.yaml", "title: Brittle examples", "title: Brittle & <examples>? a=b")
    site = make_site(review := open_review(folder), answer_all(review))
    mail, issue = ways_to_send(site, "studies/series-2020.html", "n-series-2020-whole-any-better")
    asked = parse_qs(urlsplit(mail.href).query)
    assert asked["subject"] == ["brittle-examples: studies/series-2020.html#n-series-2020-whole-any-better"]
    assert "Brittle & <examples>? a=b" in asked["body"][0]
    assert set(parse_qs(urlsplit(issue.href).query)) == {"title", "body"}
    assert not set('<>" ') & set(mail.href + issue.href)


def test_a_point_about_no_number_is_a_problem_with_its_line(tmp_path: Path) -> None:
    folder = golden_copy(tmp_path)
    edit(folder, "corrections.yaml", "n-series-2020-whole-any-better", "n-series-2020-whole-any-bettr")
    edit(folder, "corrections.yaml", "question: calmol-whole", "question: calmol-hole")
    problems = {p.code: p for p in check_review(folder)[1]}
    assert set(problems) == {"unknown-number", "unknown-question"}
    assert problems["unknown-number"].line == 3
    assert "did you mean `n-series-2020-whole-any-better`?" in problems["unknown-number"].hint


def test_a_closed_point_needs_a_reply_and_no_reply_comes_before_its_point(tmp_path: Path) -> None:
    folder = golden_copy(tmp_path)
    edit(folder, "corrections.yaml", "on: 2026-05-04", "on: 2026-04-04")
    edit(folder, "corrections.yaml", "on: 2026-11-03\n", "on: 2026-11-03\n    status: accepted\n")
    told = " ".join(f"{p.code} {p.message}" for p in check_review(folder)[1])
    assert "needs a `reply:`" in told
    assert "is answered before it was made" in told


def test_an_overdue_look_is_said_only_when_the_day_has_passed(tmp_path: Path) -> None:
    review = open_review(golden_copy(tmp_path))
    planned = review.about.next_look
    assert isinstance(planned, datetime.date)
    said = []
    for name, day in (("early", planned), ("late", planned + datetime.timedelta(days=1)), ("none", None)):
        publish(review, to=tmp_path / name, as_of=day)
        page = (tmp_path / name / "questions/calmol-whole.html").read_text(encoding="utf-8")
        said.append("is overdue" in page)
    assert said == [False, True, False]
    assert (tmp_path / "early/index.html").read_bytes() == (tmp_path / "none/index.html").read_bytes()
