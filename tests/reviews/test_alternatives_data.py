"""The alternatives of the shipped review: every collected row is in its file with its values, or named as left out."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from handful.base.provenance import Reported
from handful.base.yaml_files import canonical_text
from handful.records.records import Records
from handful.records.study import DENOMINATOR_WORDS, Arm, Denominators, Harm, Outcome, Study, When
from handful.review import read_review

FOLDER = Path(__file__).parents[2] / "reviews" / "alopecia-areata"
FACTS = Path(__file__).parent / "data" / "alternatives.csv"
ROWS = list(csv.DictReader(FACTS.read_text(encoding="utf-8").splitlines()))

NOT_A_NUMBER_OF_A_STUDY = {
    "71": ("hordinsky-adolescents-range", "17-28 %: a range over several groups, so it stands among the claims"),
    "163": ("optum-atopic-dermatitis-in-alopecia-areata", "how common, not a treatment: it stands among the claims"),
}
"""Rows that became a claim, and why."""

NUMBER_OF_PEOPLE_LEFT_OUT = {
    "118": "9 of 14 treated or of 11 evaluated: the abstract leaves it open",
    "120": "3 of 14 treated or of 11 evaluated: the abstract leaves it open",
}
"""Rows whose number of people stayed out, and why; the people who met the outcome are in."""

NUMBER_OF_PEOPLE_FROM_ANOTHER_SOURCE = {
    "155": ({7}, "seven of the eighteen: an arm of its own, those with regrowth"),
    "173": ({234}, "the news gives a percentage only; the number of the same arm was read in news of the approval"),
}
"""Rows whose arm holds a number of people that the row itself does not give."""

STUDIES = {row["study"] for row in ROWS if row["study"]} | {"allegro-adolescents"}


@pytest.fixture(scope="module")
def records() -> Records:
    review, report = read_review(FOLDER)
    assert review is not None, report.problems
    return review.records


def rows(*lists: str, every: bool = False) -> list[Any]:
    return [
        pytest.param(row, id=f"row {row['row']}")
        for row in ROWS
        if (row["list"] in lists) and (every or row["row"] not in NUMBER_OF_PEOPLE_LEFT_OUT)
    ]


def of(counted: Outcome | Harm) -> Reported[int] | None:
    return counted.responders if isinstance(counted, Outcome) else counted.events


def weeks(counted: Outcome | Harm) -> str:
    time = counted.time
    if not isinstance(time, When):
        return ""
    return f"{time.weeks:g}" if time.weeks is not None else f"{time.from_weeks:g}-{time.to_weeks:g}"


def values(people: Denominators | None) -> set[int]:
    found = (people.get(kind) for kind in DENOMINATOR_WORDS) if people is not None else ()
    return {number.value for number in found if number is not None}


def counted_in(arm: Arm, which: str) -> tuple[Outcome, ...] | tuple[Harm, ...]:
    return arm.outcomes if which == "outcomes" else arm.harms


def arm_of(records: Records, row: dict[str, str]) -> Arm:
    arm = records.studies[row["study"]].arm(row["arm"])
    assert arm is not None
    return arm


def the_count(records: Records, row: dict[str, str]) -> Outcome | Harm:
    """The one entry with the row's outcome, time, percentage and count."""
    found = [
        item
        for item in counted_in(arm_of(records, row), row["list"])
        if item.outcome == row["outcome"]
        and weeks(item) == row["weeks"]
        and (not row["percent"] or (item.percent is not None and item.percent.value == row["percent"]))
        and (number.value if (number := of(item)) is not None else None)
        == (int(row["events"]) if row["events"] else None)
    ]
    assert len(found) == 1, f"{len(found)} entries for row {row['row']}"
    return found[0]


def test_the_rows_add_up() -> None:
    assert len(ROWS) == 123
    assert len({row["row"] for row in ROWS}) == 123
    by_list = {name: sum(row["list"] == name for row in ROWS) for name in {row["list"] for row in ROWS}}
    assert by_list == {"outcomes": 97, "harms": 19, "scores": 4, "characteristics": 1, "claims": 2}
    assert {row["row"] for row in ROWS if row["list"] == "claims"} == set(NOT_A_NUMBER_OF_A_STUDY)
    assert set(NUMBER_OF_PEOPLE_LEFT_OUT) <= {row["row"] for row in ROWS}


@pytest.mark.parametrize("row", rows("outcomes", "harms", every=True))
def test_every_count_and_percentage_is_in_its_file(records: Records, row: dict[str, str]) -> None:
    item = the_count(records, row)
    number = of(item)
    if row["derived"] == "yes":
        assert number is not None
        assert number.how == "back-calculated"
    elif number is not None:
        assert number.how == "read"
    else:
        assert item.percent is not None


@pytest.mark.parametrize("row", rows("outcomes", "harms"))
def test_the_number_of_people_is_the_collected_one(records: Records, row: dict[str, str]) -> None:
    item, arm = the_count(records, row), arm_of(records, row)
    people = values(item.n) or values(arm.n)
    if row["row"] in NUMBER_OF_PEOPLE_FROM_ANOTHER_SOURCE:
        assert people == NUMBER_OF_PEOPLE_FROM_ANOTHER_SOURCE[row["row"]][0]
        return
    for column in ("total", "arm_n"):
        if row[column]:
            assert int(row[column]) in people
    if not row["total"] and not row["arm_n"]:
        assert people == set()


@pytest.mark.parametrize("number", sorted(NUMBER_OF_PEOPLE_LEFT_OUT))
def test_an_unclear_number_of_people_stays_out(records: Records, number: str) -> None:
    row = next(r for r in ROWS if r["row"] == number)
    assert values(the_count(records, row).n) | values(arm_of(records, row).n) == set()
    assert "unclear" in (the_count(records, row).note or "")


@pytest.mark.parametrize("row", rows("scores"))
def test_every_mean_is_in_its_file(records: Records, row: dict[str, str]) -> None:
    (score,) = arm_of(records, row).scores
    assert score.low is not None
    assert score.high is not None
    assert (score.instrument, score.what, score.level) == ("salt", "percent-change", 0.9)
    found = (score.estimate.value, score.low.value, score.high.value)
    assert found == (float(row["estimate"]), float(row["low"]), float(row["high"]))


@pytest.mark.parametrize("row", rows("characteristics"))
def test_every_trait_is_in_its_file(records: Records, row: dict[str, str]) -> None:
    arm = arm_of(records, row)
    (trait,) = (c for c in arm.characteristics if c.trait == row["outcome"])
    assert trait.people.value == int(row["events"])
    assert int(row["total"]) in values(arm.n)


@pytest.mark.parametrize(("number", "why"), [(n, why[0]) for n, why in NOT_A_NUMBER_OF_A_STUDY.items()])
def test_rows_that_became_claims(records: Records, number: str, why: str) -> None:
    (claim,) = (c for c in records.claims if c.id == why)
    row = next(r for r in ROWS if r["row"] == number)
    assert all(part in claim.statement for part in row["percent"].split("-"))


def test_no_number_beside_the_collected_ones(records: Records) -> None:
    """Counts, percentages and means of these studies, counted in the files: none more than the rows give."""
    studies = [records.studies[study] for study in STUDIES]
    arms = [arm for study in studies for arm in study.arms]
    assert sum(len(arm.outcomes) for arm in arms) == 97
    assert sum(len(arm.harms) for arm in arms) == 19
    baseline = [s for arm in arms for s in arm.scores if isinstance(s.time, When) and s.time.weeks == 0]
    assert sum(len(arm.scores) for arm in arms) == 4 + len(baseline)
    assert [s.estimate.value for s in baseline] == [82]


@pytest.mark.parametrize(
    ("study", "arm", "outcome", "when", "events", "people"),
    [
        ("italy-baricitinib-2025", "baricitinib", "salt-20-or-less", "48", 160, 253),
        ("wada-irimada-2025", "baricitinib", "salt-20-or-less", "39", 29, 70),
        ("ritlecitinib-by-severity", "very-severe", "salt-20-or-less", "52", 37, 125),
        ("ritlecitinib-by-severity", "very-severe", "salt-20-or-less", "104", 46, 125),
        ("ritlecitinib-by-severity", "severe", "salt-20-or-less", "104", 42, 66),
        ("lin-2024", "tofacitinib", "salt-20-or-less", "26", 33, 69),
        ("lin-2024", "tofacitinib", "complete-regrowth", "26", 18, 69),
        ("shin-2019", "tofacitinib", "salt-50", "26", 8, 18),
        ("kennedy-crispin-2016", "tofacitinib", "salt-50", "13", 21, 66),
        ("joly-2023", "methotrexate-prednisone", "salt-below-10", "52", 7, 35),
        ("joly-2023", "methotrexate-12-months", "salt-below-10", "52", 5, 16),
        ("joly-2023", "methotrexate", "salt-below-10", "52", 1, None),
        ("joly-2023", "placebo", "salt-below-10", "52", 0, None),
        ("jerjen", "evaluable", "salt-50", "39", 7, 11),
        ("kar", "placebo", "regrowth-above-30", "13", 0, 16),
        ("dehghan", "methylprednisolone-pulse", "regrowth-91-to-100", "52", 7, 17),
        ("english", "methotrexate", "cosmetically-acceptable-undefined", "52", 8, 31),
    ],
)
def test_counts_read_by_hand(
    records: Records, study: str, arm: str, outcome: str, when: str, events: int, people: int | None
) -> None:
    found = records.studies[study].arm(arm)
    assert found is not None
    (item,) = (o for o in found.outcomes if o.outcome == outcome and weeks(o) == when)
    assert item.responders is not None
    assert item.responders.value == events
    known = values(item.n) or values(found.n)
    assert people in known if people is not None else known == set()


@pytest.mark.parametrize(
    ("study", "arm", "outcome", "events", "people"),
    [
        ("alsufyani", "responders", "relapse-undefined", 7, 19),
        ("english", "responders", "relapse-after-stopping", 7, 8),
        ("kar", "responders", "relapse-loss-above-20", 2, 8),
        ("systemic-corticosteroids-18", "responders", "relapse-after-stopping", 7, 7),
        ("shin-2019", "oral-steroid", "any-adverse-drug-reaction", 19, 26),
        ("mao-2023", "jak-inhibitors", "any-adverse-event", 921, 1508),
    ],
)
def test_relapses_and_harms_read_by_hand(
    records: Records, study: str, arm: str, outcome: str, events: int, people: int
) -> None:
    found = records.studies[study].arm(arm)
    assert found is not None
    (item,) = (h for h in found.harms if h.outcome == outcome)
    assert item.events is not None
    assert item.events.value == events
    assert values(item.n) or values(found.n) == {people}
    expected = "course" if outcome.startswith("relapse") else "harm"
    assert records.definition(outcome).kind == expected


def whole_numbers(percent: str, people: int) -> list[int]:
    """Every count that rounds to the printed percentage, halves upward or to the even digit; tried one by one."""
    places = len(percent.partition(".")[2])
    scale = 10**places
    wanted = Fraction(percent) * scale
    found = []
    for count in range(people + 1):
        exact = Fraction(100 * scale * count, people)
        half_up = (exact + Fraction(1, 2)).__floor__()
        half_even = round(exact)
        if wanted in (half_up, half_even):
            found.append(count)
    return found


def every_count(studies: list[Study]) -> list[tuple[Study, Arm, Outcome | Harm]]:
    both: list[tuple[Study, Arm, Outcome | Harm]] = []
    for study in studies:
        for arm in study.arms:
            both += [(study, arm, outcome) for outcome in arm.outcomes]
            both += [(study, arm, harm) for harm in arm.harms]
    return both


def test_back_calculated_counts_are_the_only_ones_that_fit(records: Records) -> None:
    seen = 0
    for study in (records.studies[s] for s in STUDIES):
        numbers = [of(item) for _, _, item in every_count([study])]
        numbers += [trait.people for arm in study.arms for trait in arm.characteristics]
        for number in numbers:
            if number is not None and number.back_calculated is not None:
                back = number.back_calculated
                assert whole_numbers(back.percent, back.of) == [number.value], (study.id, back)
                seen += 1
    assert seen == sum(row["derived"] == "yes" for row in ROWS) == 21


def test_known_faults_fit_no_count(records: Records) -> None:
    faults = set()
    for study, arm, item in every_count([records.studies[s] for s in STUDIES]):
        percent = item.percent
        if percent is None or percent.known is None:
            continue
        people = values(item.n) or values(arm.n)
        assert percent.known.code == "percentage-fits-no-count"
        assert percent.known.value == percent.value
        assert people
        assert all(whole_numbers(percent.value, n) == [] for n in people), (study.id, arm.id)
        faults.add((study.id, arm.id, item.outcome, percent.value))
    assert faults == {
        ("italy-baricitinib-2025", "baricitinib", "any-adverse-event", "9.4"),
        ("shin-2019", "oral-steroid", "salt-50", "37.5"),
        ("shin-2019", "dpcp", "salt-50", "11.1"),
        ("shin-2019", "tofacitinib", "any-adverse-drug-reaction", "10"),
        ("india-tofacitinib-69", "tofacitinib", "very-good-response-undefined", "46.5"),
        ("thrive-aa1", "placebo", "salt-20-or-less", "0.8"),
        ("thrive-aa1", "deuruxolitinib-12-mg", "salt-20-or-less", "41.5"),
        ("thrive-aa1", "deuruxolitinib-12-mg", "salt-10-or-less", "34.5"),
        ("thrive-pooled", "placebo", "salt-20-or-less", "0.8"),
    }


def test_percentages_that_are_not_faults_fit_a_count(records: Records) -> None:
    for study, arm, item in every_count([records.studies[s] for s in STUDIES]):
        if item.percent is None or item.percent.known is not None or item.modelled:
            continue
        people, number = values(item.n) or values(arm.n), of(item)
        fitting = {c for n in people for c in whole_numbers(item.percent.value, n)}
        assert not people or fitting, (study.id, arm.id, item.outcome)
        assert number is None or number.value in fitting, (study.id, arm.id, item.outcome)


def test_estimates_of_a_model_are_not_counts(records: Records) -> None:
    modelled = [(s.id, i) for s, _, i in every_count([records.studies[s] for s in STUDIES]) if i.modelled]
    assert {study for study, _ in modelled} == {"brave-aa1", "brave-aa2", "wiseman"}
    assert len(modelled) == 6 + 4
    assert all(of(item) is None for _, item in modelled)


def test_a_trial_read_in_several_sources_is_one_study(records: Records) -> None:
    arm = records.studies["brave-aa2"].arm("baricitinib-4-mg")
    assert arm is not None
    read = {(o.percent.source or "king-2022-brave", o.percent.value) for o in arm.outcomes if o.percent is not None}
    assert read == {("king-2022-brave", "35.9"), ("fda-olumiant-2022", "32"), ("dermpractice-bari", "33")}


def test_every_claim_of_the_fact_sheet_is_in(records: Records) -> None:
    kinds: dict[str, int] = {}
    for claim in records.claims:
        kinds[claim.kind] = kinds.get(claim.kind, 0) + 1
    assert sum(kinds.values()) == 46 + len(NOT_A_NUMBER_OF_A_STUDY)
    assert kinds == {
        "line-of-therapy": 9,
        "effect": 14 + 1,
        "harm": 6,
        "approval": 7,
        "dose": 2,
        "guideline": 4,
        "outcome-target": 1,
        "epidemiology": 1 + 1,
        "ongoing-trial": 2,
    }
    assert len({claim.id for claim in records.claims}) == len(records.claims)


def test_treatments_say_where_their_mechanism_and_approvals_were_read(records: Records) -> None:
    treatments = records.treatments
    known = {t.id for t in treatments.values() if t.mechanism != "not recorded"}
    assert known == {"dupilumab", "baricitinib", "ritlecitinib", "deuruxolitinib", "upadacitinib"}
    approved = {(t.id, a.authority, a.status) for t in treatments.values() for a in t.approvals}
    assert approved == {
        ("dupilumab", "FDA", "approved"),
        ("baricitinib", "FDA", "approved"),
        ("baricitinib", "EMA", "approved"),
        ("ritlecitinib", "FDA", "approved"),
        ("ritlecitinib", "EMA", "approved"),
        ("ritlecitinib", "NICE", "recommended"),
        ("ritlecitinib", "MHRA", "approved"),
        ("deuruxolitinib", "FDA", "approved"),
    }
    assert all(a.source in records.sources for t in treatments.values() for a in t.approvals)
    assert treatments["placebo"].kind == "placebo"
    assert all(part in treatments for t in treatments.values() for part in t.parts)


def test_ids_resolve(records: Records) -> None:
    for study in (records.studies[s] for s in STUDIES):
        assert study.source in records.sources
        assert set(study.also_reported_in) <= set(records.sources)
        assert set(study.contains) <= set(records.studies)
        for arm in study.arms:
            assert arm.treatment in records.treatments
            assert arm.part_of is None or study.arm(arm.part_of) is not None
            assert {item.outcome for item in (*arm.outcomes, *arm.harms)} <= set(records.outcomes)
    for claim in records.claims:
        assert claim.source in records.sources
        assert set(claim.treatments) <= set(records.treatments)


@pytest.mark.parametrize("name", sorted([*(f"studies/{s}.yaml" for s in STUDIES), "treatments.yaml", "claims.yaml"]))
def test_files_are_canonical(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert canonical_text(text) == text
