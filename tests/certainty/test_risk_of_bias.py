"""Judgements of studies: checked against their tool, agreed on by raters, summed up by weight, as robvis tables."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.made_records import arm, outcome, question, records, study

from handful.base.errors import InputError
from handful.base.yaml_files import parse
from handful.certainty.judgement_checks import check_judgement
from handful.certainty.raters import agreement
from handful.certainty.risk_of_bias import BiasRow, RiskOfBias, risk_of_bias, suggested_steps
from handful.certainty.robvis import read_robvis, write_robvis
from handful.counts.count import count
from handful.question.select import select
from handful.records.judgement import Judgement
from handful.stats.results import NotEstimable

ROB_2 = """id: trial
study: trial
tool: RoB 2
items:
  - {item: '1.1', answer: y, because: said}
  - {item: '1.2', answer: ni, because: not said}
  - {item: '1.3', answer: n, because: alike}
domains:
  - {domain: randomisation, level: some-concerns, because: allotment}
  - {domain: D2, level: low, because: x}
  - {domain: missing, level: low, because: x}
  - {domain: measurement, level: low, because: x}
  - {domain: reporting, level: low, because: x}
overall: some-concerns
because: the worst domain
by: [A]
on: 2026-11-28
"""


def problems(*changes: tuple[str, str]) -> list[tuple[int, str]]:
    text = ROB_2
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    document = parse(text, "judgements/trial.yaml")
    found = check_judgement(Judgement.model_validate(document.data), document)
    return [(p.line, p.code) for p in found]


def test_a_judgement_that_keeps_to_its_tool_has_no_problem() -> None:
    assert problems() == []


def test_every_fault_is_told_at_once() -> None:
    found = problems(
        ("item: '1.3', answer: n", "item: '1.9', answer: n"),
        ("item: '1.1', answer: y", "item: '1.1', answer: certainly"),
        ("domain: reporting, level: low", "domain: reported, level: low"),
        ("domain: missing, level: low", "domain: missing, level: serious"),
    )
    assert sorted(code for _, code in found) == [
        "answer-not-allowed", "level-not-of-tool", "unknown-domain", "unknown-item",
    ]  # fmt: skip
    assert (5, "answer-not-allowed") in found


def test_a_level_against_the_rules_needs_its_reason() -> None:
    against = ("domain: randomisation, level: some-concerns", "domain: randomisation, level: low")
    assert [c for _, c in problems(against)] == ["judgement-against-rules"] * 2  # the domain, and overall after it
    with_reason = (
        "domain: randomisation, level: some-concerns, because: allotment",
        "domain: randomisation, level: low, because: a, departs_because: seen in the protocol",
    )
    assert problems(with_reason, ("overall: some-concerns", "overall: low")) == []
    assert problems(("overall: some-concerns", "overall: low")) == [(14, "judgement-against-rules")]
    assert problems(("overall: some-concerns", "overall: low\ndeparts_because: trifling")) == []


def test_an_unknown_tool_may_be_judged_in_words_but_not_by_items() -> None:
    assert [c for _, c in problems(("tool: RoB 2", "tool: our own"))] == ["unknown-tool"]


def judged(identifier: str, overall: str, tool: str = "murad-2018", **more) -> Judgement:
    body = {"id": identifier, "study": identifier, "tool": tool, "overall": overall, "because": "x", "by": ["A"]}
    return Judgement.model_validate(body | {"on": "not recorded"} | more)


@pytest.mark.parametrize(
    ("levels", "steps"),
    [
        (("low", "low"), 0),
        (("low", "high"), -2),  # 4 people at low, 6 at high
        (("high", "low"), 0),  # 4 at high, 6 at low
        (("some-concerns", "unclear"), -1),
        (("high", "serious"), -2),
        (("critical", "critical"), -3),
    ],
)
def test_steps_follow_the_people_in_studies_at_each_level(levels, steps) -> None:
    those = [study("a-1", arm("x", outcome("clear", 1), n=4)), study("b-1", arm("x", outcome("clear", 1), n=6))]
    rows = count(select(records(*those), question())).main.overall.rows
    made = {i: judged(i, level) for i, level in zip(("a-1", "b-1"), levels, strict=True)}
    assert suggested_steps(rows, made).steps == steps
    assert suggested_steps(rows, {"a-1": made["a-1"]}) is None, "one study is not judged"


LEVELS = ("low", "some-concerns", "high", "critical")


@settings(deadline=None)  # records are made from scratch
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 30)), min_size=1, max_size=4), st.integers(0, 3))
def test_a_study_at_more_risk_never_lightens_the_suggestion(made, which) -> None:
    def steps(levels):
        those = [study(f"s-{i}", arm("x", outcome("clear", 0), n=n)) for i, (_, n) in enumerate(made)]
        rows = count(select(records(*those), question())).main.overall.rows
        return suggested_steps(rows, {f"s-{i}": judged(f"s-{i}", LEVELS[x]) for i, x in enumerate(levels)}).steps

    levels = [level for level, _ in made]
    worse = [min(3, x + (i == which)) for i, x in enumerate(levels)]
    assert steps(worse) <= steps(levels)


def test_raters_agree_item_by_item() -> None:
    answers = {"1": "y", "2": "y", "3": "n", "4": "n"}
    raters = [{"by": "A", "answers": answers}, {"by": "B", "answers": answers | {"2": "n", "8": "y"}}]
    found = agreement(judged("a", "high", raters=raters))
    assert (found.things, found.agreed) == (4, 3)
    assert found.kappa == pytest.approx(0.5)  # p_o 3/4, p_e 1/2
    assert isinstance(agreement(judged("a", "high")), NotEstimable)


def test_raters_agree_by_domain_or_overall_where_they_answered_no_items() -> None:
    raters = [
        {"by": "A", "domains": {"S": "low", "C": "high"}},
        {"by": "B", "domains": {"selection": "low", "C": "low"}},
    ]
    found = agreement(judged("a", "high", raters=raters))
    assert (found.things, found.agreed) == (2, 1), "a domain may be named by its short name or its id"
    alone = [{"by": "A", "overall": "low"}, {"by": "B", "overall": "low"}]
    assert agreement(judged("a", "low", raters=alone)).agreed == 1
    assert isinstance(agreement(judged("a", "high", raters=raters), "items"), NotEstimable)


def test_kappa_has_an_interval_from_twenty_answers_on() -> None:
    from handful.words.certainty import agreement_words, raters_words

    answers = {str(i): "y" for i in range(1, 9)}
    many = [
        judged(f"s-{k}", "high", raters=[{"by": "A", "answers": answers}, {"by": "B", "answers": answers | {"1": "n"}}])
        for k in range(3)
    ]
    found = agreement(many)
    assert (found.things, found.agreed) == (24, 21)
    assert "24 answers alike" in agreement_words(found)
    assert raters_words(many, found).startswith("Two raters, apart from each other, judged 3 of 3: 21 of 24")
    assert "one rater alone" in raters_words([judged("a", "high")], agreement(judged("a", "high")))


def test_a_table_by_tool_fills_domains_from_their_rules() -> None:
    document = parse(ROB_2, "x")
    table = risk_of_bias([Judgement.model_validate(document.data), judged("other", "high")], "rob-2")
    assert [row.study for row in table.rows] == ["trial"]
    assert table.rows[0].levels == ("some-concerns", "low", "low", "low", "low")
    assert table.shares() == {"some-concerns": 1.0}


TEXT = """Overall,Study,Weight,D2,D1
High,One,20,h,low
Some concerns,Two,60,No information,Some Concerns
low,Three,20,,L
"""


def test_robvis_columns_are_found_by_heading_in_any_order() -> None:
    table = read_robvis(TEXT)
    assert table.domains == ("D2", "D1")
    assert [row.overall for row in table.rows] == ["high", "some-concerns", "low"]
    assert table.rows[2].levels == (None, "low")
    assert table.shares() == {"low": 0.2, "some-concerns": 0.6, "high": 0.2}
    assert table.shares("D2") == {"no-information": 0.75, "high": 0.25}


def test_robvis_names_its_tool_by_its_headings(tmp_path) -> None:
    assert read_robvis("Study,D1,D2,D3,D4,D5,Overall\nA,Low,Low,Low,Low,Low,Low\n").tool == "rob-2"
    seven = "Study," + ",".join(f"D{i}" for i in range(1, 8)) + ",Overall\nA" + ",Low" * 8 + "\n"
    assert read_robvis(seven).tool == "robins-i"
    old = "Study,Random.sequence.generation,Allocation.concealment,Blinding.of.participants.and.personnel,"
    old += "Blinding.of.outcome.assessment,Incomplete.outcome.data,Selective.reporting,Other.sources.of.bias,Overall\n"
    assert read_robvis(old + "A" + ",Low" * 8 + "\n").tool == "rob-1"
    file = tmp_path / "rob.csv"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert read_robvis(file) == read_robvis(TEXT)


#: headings of robvis's example data sets data_rob2, data_robins, data_quadas and data_rob1
LAYOUTS = {
    "rob-2": "Study,D1,D2,D3,D4,D5,Overall,Weight",
    "robins-i": "Study,D1,D2,D3,D4,D5,D6,D7,Overall,Weight",
    "quadas-2": "Study,D1,D2,D3,D4,Overall,Weight",
    "rob-1": "Study,Random.sequence.generation.,Allocation.concealment.,Blinding.of.participants.and.personnel.,"
    "Blinding.of.outcome.assessment,Incomplete.outcome.data,Selective.reporting.,Other.sources.of.bias.,Overall,Weight",
}


@pytest.mark.parametrize("tool", LAYOUTS)
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_layouts_of_robvis_are_read_however_they_were_saved(tool, mark, end) -> None:
    head = LAYOUTS[tool]
    domains = head.count(",") - 2
    text = f"{head}\nTrial 1,{'Low,' * domains}High,33.3\n\nTrial 2,{'High,' * domains}Low,66.7\n"
    table = read_robvis("\n" + text.replace(",", mark).replace("\n", end))
    assert table.tool == tool
    assert [(r.study, r.overall, r.weight) for r in table.rows] == [("Trial 1", "high", 33.3), ("Trial 2", "low", 66.7)]
    assert table.rows[0].levels == ("low",) * domains


def test_a_letter_s_is_what_the_tool_has_for_it() -> None:
    """robvis abbreviates Some concerns as S in RoB 2 and Serious as S in ROBINS-I."""
    row = "\nA" + ",S" * 8 + "\n"
    assert read_robvis("Study,D1,D2,D3,D4,D5,D6,D7,Overall" + row).rows[0].overall == "serious"
    assert read_robvis("Study,D1,D2,D3,D4,D5,Overall\nA" + ",S" * 6 + "\n").rows[0].overall == "some-concerns"


def test_tables_go_out_as_the_template_of_their_tool_wants_them() -> None:
    quadas = RiskOfBias(
        "quadas-2", ("D1", "D2", "D3", "D4"), (BiasRow("A", ("low", "high", "unclear", None), "unclear"),)
    )
    assert write_robvis(quadas) == "Study,D1,D2,D3,D4,Overall\nA,Low,High,No information,,No information\n"
    generic = risk_of_bias([judged("a", "high")], "murad-2018")
    assert write_robvis(generic).splitlines()[0].startswith("Study,Who was chosen,")
    v2 = risk_of_bias([], "robins-i-v2")
    assert v2.domains == ("D1", "D2", "D3", "D4", "D5", "D6"), "the triage is no column"
    assert read_robvis("Study,D1,D2,D3,D4,D5,D6,Overall\nA" + ",Low" * 7 + "\n").tool == "unknown", "QUIPS has six too"


def test_lines_are_those_of_the_file_with_rows_left_empty_and_cells_of_two_lines() -> None:
    with pytest.raises(InputError, match=r"line 6: D1: 'Hm'"):
        read_robvis('Study,D1,Overall\n\n"A\nB",Low,Low\n\nC,Hm,Low\n')


def test_every_fault_of_a_robvis_table_is_told_at_once() -> None:
    with pytest.raises(InputError) as error:
        read_robvis("Study,D1,Weight,Overall\n,Lowish,-1,Low\nA,High,x,Never\n")
    told = str(error.value)
    assert all(said in told for said in ("no name", "'Lowish'", "'-1'", "'x'", "'Never'", "accepted"))
    with pytest.raises(InputError, match="no column Study"):
        read_robvis("Name,D1,Overall\nA,Low,Low\n")
    with pytest.raises(InputError, match="stands twice"):
        read_robvis("Study,D1,D1,Overall\nA,Low,Low,Low\n")
    with pytest.raises(InputError, match="empty"):
        read_robvis("\n\n")


WORD = st.sampled_from(["low", "some-concerns", "moderate", "serious", "critical", "high", "unclear", "no-information"])
NAME = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)


@settings(deadline=None)  # the first call reads the tools from their files
@given(st.lists(st.tuples(NAME, WORD, st.none() | WORD, WORD, st.integers(1, 99)), min_size=1, max_size=5))
def test_a_robvis_table_comes_back_as_it_was_written(rows) -> None:
    made = tuple(BiasRow(name, (a, b), overall, float(w)) for name, a, b, overall, w in rows)
    if len({r.weight for r in made}) == 1:
        made = tuple(BiasRow(r.study, r.levels, r.overall) for r in made)  # equal weights are not written
    table = RiskOfBias("unknown", ("One", "Two"), made)
    text = write_robvis(table)
    assert read_robvis(text) == table
    assert len(list(csv.reader(io.StringIO(text)))) == len(made) + 1
