"""The author's text: numbers come from expressions, nothing else runs, and every problem is told with its line."""

from __future__ import annotations

import time

import pytest
from tests.site.tree import parse

from handful.review import Review
from handful.site.build import answer_all, make_site
from handful.site.prose import CALLS, Prose, names_for, render
from handful.site.question_page import linker_of
from handful.site.site import Site


@pytest.fixture(scope="module")
def site(small_review: Review) -> Site:
    return make_site(small_review, answer_all(small_review))


@pytest.fixture(scope="module")
def told(site: Site):  # type: ignore[no-untyped-def]
    answer = site.answers["calmol-whole"]
    linker = linker_of(site, answer)

    def run(text: str) -> Prose:
        return render(site, answer, linker, text, "questions/calmol-whole.md")

    return run


def text_of(prose: Prose) -> str:
    assert not prose.problems, prose.problems
    return parse(str(prose.html)).text()


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("adults.count", "1 of 4"),
        ("children.count", "0 of 4"),
        ("children.interval_per_100", "0 to 60 in 100"),
        ("adults.events", "1"),
        ("overall.count", "1 of 8"),
        ("overall.people", "8"),
        ("also.any_better.adults.count", "3 of 4"),
        ("cases.improved", "One"),
        ("cases.stated_count", "One"),
        ('harm("worse").count', "1 of 8"),
        ('study("series-2020").short', "Albers 2020"),
        ('comparison("adults", "children")', "These counts cannot tell adults and children apart."),
        ('conflict("how-many-children")', "4 (Cohn 2022) or 7 (Berg 2021)"),
        ("children.sentence", "the true rate could be as high as 60 in 100"),
    ],
)
def test_expressions(told, expression: str, shown: str) -> None:  # type: ignore[no-untyped-def]
    assert shown in text_of(told(f"{{{{ {expression} }}}}"))


def test_numbers_are_linked_to_where_they_are_explained(told) -> None:  # type: ignore[no-untyped-def]
    page = parse(str(told("It was {{ adults.count }}.").html))
    assert page.one("a", class_="number").attributes["href"] == "#n-adults"


def test_a_number_word_begins_a_sentence_with_a_capital(told) -> None:  # type: ignore[no-untyped-def]
    said = text_of(told("{{ cases.count }} reports. {{ overall.studies }} series and {{ cases.count }} reports."))
    assert said == "Two reports. Two series and two reports."


def test_quotes_must_stand_in_the_records(told) -> None:  # type: ignore[no-untyped-def]
    page = parse(str(told('{{ quote("article-2022", "none of the four children") }}').html))
    assert page.one("q").attributes["data-source"] == "article-2022"
    (problem,) = told('A line.\n\n{{ quote("article-2022", "calmol is a wonder") }}').problems
    assert (problem.code, problem.line) == ("quote-not-in-records", 3)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ adult.count }}", "unknown-in-prose"),
        ("{{ adults.rate }}", "unknown-in-prose"),
        ("{{ adults }}", "unknown-in-prose"),
        ("{{ also.nothing.adults.count }}", "unknown-in-prose"),
        ("{{ adults.__class__ }}", "forbidden-in-prose"),
        ("{{ adults.count.__class__.__mro__ }}", "forbidden-in-prose"),
        ("{{ ''.__class__ }}", "forbidden-in-prose"),
        ("{{ '1 of 4' }}", "forbidden-in-prose"),
        ("{{ 7 }}", "forbidden-in-prose"),
        ("{{ 'a' if adults.events else 'b' }}", "forbidden-in-prose"),
        ("{{ adults.events + 1 }}", "forbidden-in-prose"),
        ("{{ 9 ** 9 ** 9 }}", "forbidden-in-prose"),
        ("{{ 'a' * 1000000000 }}", "forbidden-in-prose"),
        ("{{ adults.count ~ 'x' }}", "forbidden-in-prose"),
        ("{{ range(10) }}", "forbidden-in-prose"),
        ("{{ lipsum() }}", "forbidden-in-prose"),
        ("{{ adults.count() }}", "forbidden-in-prose"),
        ("{{ comparison('adults', adults.count) }}", "forbidden-in-prose"),
        ("{{ comparison('adults') }}", "forbidden-in-prose"),
        ("{{ quote(*x) }}", "forbidden-in-prose"),
        ("{% for i in adults %}x{% endfor %}", "forbidden-in-prose"),
        ("{% set x = adults %}", "forbidden-in-prose"),
        ("{% include '/etc/passwd' %}", "forbidden-in-prose"),
        ("{% import 'x' as y %}", "forbidden-in-prose"),
        ("{% macro f() %}{% endmacro %}", "forbidden-in-prose"),
        ("{{ adults.count|safe }}", "forbidden-in-prose"),
        ("{{ adults.count|replace('1', '4') }}", "forbidden-in-prose"),
        ("{% autoescape false %}x{% endautoescape %}", "forbidden-in-prose"),
        ("{{ adults.count", "broken-template"),
        ("{% if %}", "broken-template"),
        ("{{ comparison('adults', 'elders') }}", "unknown-group"),
        ("{{ conflict('none') }}", "unknown-conflict"),
        ("{{ study('none') }}", "unknown-study"),
        ("{{ harm('joy').count }}", "unknown-harm"),
        ("{{ quote('none', 'x') }}", "unknown-source"),
    ],
)
def test_everything_else_is_a_problem(told, text: str, code: str) -> None:  # type: ignore[no-untyped-def]
    prose = told("First line.\n" + text)
    assert prose.problems, str(prose.html)
    assert prose.problems[0].code == code, prose.problems
    assert prose.problems[0].line == 2
    assert prose.problems[0].file == "questions/calmol-whole.md"
    assert not prose.html


def test_all_problems_are_told_at_once(told) -> None:  # type: ignore[no-untyped-def]
    problems = told("{{ adult.count }}\n\n{{ 1 + 1 }}\n\n{% if adults.events > 0 %}{{ nobody }}{% endif %}").problems
    assert sorted(p.line for p in problems) == [1, 3, 5]
    assert "did you mean `adults`" in problems[0].hint or any("adults" in p.hint for p in problems)


def test_conditions_may_look_at_counts(told) -> None:  # type: ignore[no-untyped-def]
    assert text_of(told("{% if adults.total < 20 %}few{% else %}many{% endif %}")) == "few"
    assert text_of(told("{% if adults.events == 0 %}none{% elif adults.events >= 1 %}some{% endif %}")) == "some"
    assert text_of(told("{% if not children.events and cases.count == 2 %}so{% endif %}")) == "so"


def test_markdown_is_read_and_html_is_not(told) -> None:  # type: ignore[no-untyped-def]
    html = str(told("**bold** <b onclick=x>raw</b> <script>alert(1)</script>\n\n![x](https://example.org/x.png)").html)
    assert "<strong>bold</strong>" in html
    assert "<script" not in html
    assert "<b " not in html
    assert "<img" not in html


def test_links_only_lead_to_pages(told) -> None:  # type: ignore[no-untyped-def]
    html = str(told("[a](javascript:alert(1)) [b](https://example.org) [c](data:text/html,x) [d](#n-adults)").html)
    assert "javascript:" not in parse(html).all("a")[0].attributes.get("href", "")
    assert {a.attributes.get("href") for a in parse(html).all("a")} <= {"https://example.org", "#n-adults", None}


def test_marks_of_the_engine_cannot_be_forged(told) -> None:  # type: ignore[no-untyped-def]
    assert text_of(told("\ue0000\ue001 and {{ adults.count }}")) == "0 and 1 of 4"


def test_names_offered_are_the_names_accepted(told) -> None:  # type: ignore[no-untyped-def]
    known = names_for(["adults", "children"], ["any-better"])
    for group in ("adults", "children", "overall"):
        for attribute in known[group] or ():
            assert not told(f"{{{{ {group}.{attribute} }}}}").problems
    for attribute in known["cases"] or ():
        assert not told(f"{{{{ cases.{attribute} }}}}").problems
    assert known["also"] == {"any_better"}
    assert set(CALLS) == {"comparison", "conflict", "study", "harm", "quote"}


def test_nothing_hangs(told) -> None:  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    told("{{ " + "(" * 300 + "adults" + ")" * 300 + " }}")
    told("[" * 5000)
    told("x" * 100_000)
    told("*" * 20_000)
    told("{{ adults.count }}" * 2000)
    assert time.perf_counter() - started < 5


def test_a_harm_counts_nobody_twice(site: Site) -> None:
    """Neither the part of an arm beside the whole, nor a study beside the collection that holds its people."""
    from dataclasses import replace

    from handful.site.prose_values import _nobody_twice

    answer = site.answers["calmol-whole"]
    (row, *_) = [r for r in answer.harms if r.row.countable]
    records = site.review.records
    study = records.studies[row.row.study]
    part = study.arms[0].model_copy(update={"id": "a-part", "part_of": row.row.arm})
    whole = study.model_copy(update={"id": "collection", "contains": (study.id,)})
    wider = replace(
        records,
        studies={**records.studies, study.id: study.model_copy(update={"arms": (*study.arms, part)}), whole.id: whole},
    )
    in_part = replace(row, row=replace(row.row, arm="a-part"))
    again = replace(row, row=replace(row.row, study="collection"))
    assert _nobody_twice([row, in_part, again, row], wider) == [row]
    assert _nobody_twice([in_part], wider) == [in_part]
