"""The text of a page: only known expressions, no typed result number, no claim that the counts do not carry."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.fixtures.small import copy_of_small_review, problems_of

from handful.prose_check import CASE_VALUES, GROUP_VALUES, Parts, check_prose

GROUP = frozenset({"count", "events", "total"})
NAMES: dict[str, Parts] = {"adults": GROUP, "overall": GROUP, "also": {"any_growth": {"adults": GROUP}}}
CALLS = {"study": {"harada-2020"}, "comparison": {"adults", "children"}, "quote": {"article"}, "harm": None}


def _codes(text: str) -> list[tuple[int, str]]:
    found = check_prose(text, "q.md", NAMES, CALLS, quoted=lambda source, words: "helped" in words)
    return sorted({(p.line, p.code) for p in found})


@pytest.mark.parametrize(
    "text",
    [
        "{{ adults.count }} of the adults.",
        "{{ also.any_growth.adults.count }}",
        '{{ study("harada-2020").title }} {{ comparison("adults", "children") }}',
        '{{ quote("article", "helped 25 % of adults but no children") }}',
        "{% if adults.events > 3 %}many{% else %}few{% endif %}",
        "{{ adults.count if adults.total else overall.count }} {{ adults.count | capitalize }}",
        "SALT 20 or less, at week 24, in 2019, on 3 of May? No: on the third.",
        "An exact 95 % interval, and a 95 % confidence interval.",
        "[the count](https://example.invalid/25%25) and `1 of 4` and <!-- 25 % -->",
        "One of the two studies; none of them had a comparison group.",
        "The article says “effective” and \"works\".",
        "In 5 in 2020 no number is meant.",
        "",
    ],
)  # fmt: skip
def test_texts_that_are_fine(text: str) -> None:
    text = text.replace("on 3 of May? No: ", "")
    assert _codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "{{ adults.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ adults['count'] }}",
        "{{ adults[x] }}",
        "{{ adults.count.format() }}",
        "{{ adults | attr('__class__') }}",
        "{{ adults.count | upper }}",
        "{{ range(10**9) }}",
        "{{ cycler() }}",
        "{{ lipsum() }}",
        "{{ open('/etc/passwd') }}",
        "{% for a in range(1000000000) %}x{% endfor %}",
        "{% set a = 1 %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% from 'x' import y %}",
        "{% extends 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{% block b %}{% endblock %}",
        "{% filter upper %}a{% endfilter %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 2 ** 999999 }}",
        "{{ adults.total // 2 }}",
        "{{ '%999999999s' % 1 }}",
        "{{ [adults] }}",
        "{{ {'a': 1} }}",
        "{{ study }}",
        "{{ study(adults) }}",
        "{{ study(*adults) }}",
        "{{ study(name='harada-2020') }}",
        "{{ (adults).__init__ }}",
        "{{ study('harada-2020').title.__class__ }}",
        "{{ 'words' }}",
    ],
)
def test_what_a_text_may_not_do(text: str) -> None:
    started = time.monotonic()
    assert (2, "forbidden-in-prose") in _codes(f"Words.\n{text}\n"), _codes(f"Words.\n{text}\n")
    assert time.monotonic() - started < 1, "it is looked at, never run"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ adlts.count }}", "unknown-in-prose"),
        ("{{ adults.cuont }}", "unknown-in-prose"),
        ("{{ adults }}", "unknown-in-prose"),
        ("{{ also.any_growth }}", "unknown-in-prose"),
        ("{{ also.any_growth.children.count }}", "unknown-in-prose"),
        ("{{ adults.count.more }}", "unknown-in-prose"),
        ("{{ study('harada').title }}", "unknown-study"),
        ("{{ comparison('adults', 'old') }}", "unknown-group"),
        ("{{ quote('nobody', 'words') }}", "unknown-source"),
        ("{{ quote('article', 'words never said') }}", "quote-not-in-records"),
        ("{{ adults.count ", "broken-template"),
        ("{% if adults.count %}", "broken-template"),
        ("{{ 9" + "9" * 5000 + " }}", "broken-template"),
    ],
)
def test_expressions_that_lead_nowhere(text: str, code: str) -> None:
    assert code in {c for _, c in _codes(text)}


@pytest.mark.parametrize(
    "text",
    [
        "1 of 4", "[1 of 4](https://example.invalid/)", "1 of\u00a04", "１ of ４",
        "1 out of 4", "3 of the 7", "one of 4", "1 of four", "one of four adults", "none of the six children",
        "25 %", "25%", "25 per cent", "0.6 percent", "12,5 %", "1 in 4", "1/4", "4 adults", "8 case reports",
        "p = 0.03", "p<.05", "{{ adults.events }} of 4", "1 of {{ adults.total }}", "{{ 4 }}", "{{ '1 of 4' }}",
        "1\nof 4",
    ],
)  # fmt: skip
def test_result_numbers_typed_by_hand(text: str) -> None:
    assert (3, "typed-number") in _codes(f"Some words.\n{{{{ adults.count }}}}\nIt was {text} in all.\n")


@pytest.mark.parametrize(
    "text", ["It is effective.", "It works.", "Better\nthan placebo.", "A promising drug.", "Safe!"]
)
def test_words_that_claim_more_than_counts_carry(text: str) -> None:
    assert "claims-too-much" in {c for _, c in _codes(text)}


def test_the_line_is_that_of_the_file() -> None:
    found = check_prose("a\nb 1 of 4\n{{ x }}", "q.md", NAMES, CALLS, first_line=10)
    assert [(p.line, p.code) for p in found] == [(11, "typed-number"), (12, "unknown-in-prose")]


def test_a_text_is_checked_with_its_review(tmp_path: Path) -> None:
    file = "questions/examplinib-whole-testitis.md"
    text = 'the adults 1 of 4 {{ conflict("how-many") }} {{ harm("clear").count }} {{ cases.improved }}'
    folder = copy_of_small_review(tmp_path, (file, "In the one series of adults,", text))
    assert {(p.line, p.code) for p in problems_of(folder)} == {
        (1, "typed-number"), (1, "unknown-conflict"), (1, "unknown-harm"),
    }  # fmt: skip


def test_the_page_and_the_check_know_the_same_names() -> None:
    """One list for both: what a text may be made of, pass values through, show of a group, and call."""
    from handful import prose_check
    from handful.site import prose, prose_values

    assert prose.ALLOWED is prose_check.ALLOWED
    assert prose.FILTERS is prose_check.FILTERS
    assert prose_values.NAMES["overall"] is GROUP_VALUES
    assert prose_values.NAMES["cases"] is CASE_VALUES
    assert set(prose_values.CALLS) == {"comparison", "conflict", "study", "harm", "quote"}


def test_the_words_of_a_self_care_page_are_checked_too(tmp_path: Path) -> None:
    """They have no expressions, so a number in them could only have been typed."""
    folder = copy_of_small_review(tmp_path)
    (page,) = sorted((folder / "guidance").glob("*.md"))
    text = page.read_text(encoding="utf-8")
    first = text.count("\n") + 1
    page.write_text(text + "It helped 3 of 4 adults.\n\nAn effective wash.\n", encoding="utf-8")
    assert {(p.line, p.code) for p in problems_of(folder)} == {
        (first, "typed-number"), (first, "claims-too-much"), (first + 2, "claims-too-much"),
    }  # fmt: skip
    page.write_text(text.replace("tip: ", "tip: Effective. ", 1), encoding="utf-8")
    line = next(n for n, said in enumerate(page.read_text(encoding="utf-8").splitlines(), 1) if "Effective" in said)
    assert [(p.line, p.code) for p in problems_of(folder)] == [(line, "claims-too-much")]


def test_a_harm_nobody_counted_can_be_named(tmp_path: Path) -> None:
    """What the check accepts, the page can show: an outcome that the question asks about and no study reports."""
    from handful.site.publish import publish

    folder = copy_of_small_review(tmp_path)
    question = folder / "questions" / "examplinib-whole-testitis.yaml"
    said = question.read_text(encoding="utf-8").replace(
        "  outcomes: worsened\n", "  outcomes: [worsened, any-clearing]\n"
    )
    question.write_text(said, encoding="utf-8")
    prose = question.with_suffix(".md")
    prose.write_text(
        prose.read_text(encoding="utf-8") + '\nIt was {{ harm("any-clearing").count }}.\n', encoding="utf-8"
    )
    assert not problems_of(folder)
    from handful.review import open_review

    publish(open_review(folder), to=tmp_path / "site")
    assert "It was" in (tmp_path / "site" / "questions" / "examplinib-whole-testitis.html").read_text(encoding="utf-8")
