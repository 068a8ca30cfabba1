"""The shipped instruments: ranges, directions, totals from parts, and a source for every fact."""

from pathlib import Path

import pytest
from tests.fixtures.small import copy_of_small_review

from handful.base.yaml_files import canonical_text
from handful.instruments.catalogue import FOLDER, GENERIC, catalogue, catalogue_sources
from handful.instruments.instrument import Instrument, NotGiven
from handful.instruments.responder import rule_of
from handful.review import read_review

SALT_PARTS = ("top", "back", "right", "left")


@pytest.mark.parametrize("identifier", sorted(catalogue()))
def test_every_instrument_names_sources_that_the_catalogue_has(identifier: str) -> None:
    instrument = catalogue()[identifier]
    named = [instrument.source, *(t.source for t in instrument.thresholds), *(c.source for c in instrument.categories)]
    allowed = set(catalogue_sources()) | ({"not recorded"} if identifier in GENERIC else set())
    assert set(named) <= allowed


@pytest.mark.parametrize("identifier", sorted(catalogue()))
def test_a_minimal_important_difference_is_a_number_or_blank_with_its_reason(identifier: str) -> None:
    found = catalogue()[identifier].minimal_important_difference
    assert isinstance(found, float) or (isinstance(found, NotGiven) and len(found.because) > 10)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda p: p.stem)
def test_files_of_the_catalogue_are_in_the_canonical_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert canonical_text(text) == text


@pytest.mark.parametrize(
    ("parts", "total"),
    # check values of the description read in the registry: total loss, the top alone, half of the back alone
    [((100, 100, 100, 100), 100), ((100, 0, 0, 0), 40), ((0, 50, 0, 0), 12), ((0, 0, 0, 0), 0)],
)
def test_salt_from_its_four_regions(parts: tuple[float, ...], total: float) -> None:
    # weights with two decimals: sums of four products are right to 1e-12
    assert catalogue()["salt"].total(dict(zip(SALT_PARTS, parts, strict=True))) == pytest.approx(total, abs=1e-12)


def test_scorad_is_a_fifth_of_a_and_three_and_a_half_of_b_and_c() -> None:
    scorad = catalogue()["scorad"]
    assert scorad.total({"extent": 100, "intensity": 18, "symptoms": 20}) == pytest.approx(103) == scorad.high
    # A/5 + 7B/2 + C by hand: 30/5 + 7*10/2 + 8
    assert scorad.total({"extent": 30, "intensity": 10, "symptoms": 8}) == pytest.approx(6 + 35 + 8)
    objective = catalogue()["objective-scorad"]
    assert objective.total({"extent": 100, "intensity": 18}) == pytest.approx(83) == objective.high


def test_weights_of_the_scalp_add_up_to_one() -> None:
    assert sum(c.weight for c in catalogue()["salt"].components) == pytest.approx(1)


def test_a_total_tells_every_part_that_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"crown is no component of SALT; right is missing; left is missing; top: 101"):
        catalogue()["salt"].total({"top": 101, "back": 0, "crown": 1})


def test_what_was_not_seen_is_not_computed() -> None:
    with pytest.raises(ValueError, match="no components"):
        catalogue()["easi"].total({"head": 1})
    assert (catalogue()["dlqi"].low, catalogue()["dlqi"].high) == (None, None)


@pytest.mark.parametrize(
    ("identifier", "value", "said"),
    [
        ("salt", 100.0, None),
        ("salt", 100.5, "100.5 lies outside 0 to 100"),
        ("salt", -1, "-1 lies outside 0 to 100"),
        ("easi", 72.1, "72.1 lies outside 0 to 72"),
        ("scorad", 104, "104 lies outside 0 to 103"),
        ("iga", 2.5, "2.5 is no whole number"),
        ("iga", 5, "5 lies outside 0 to 4"),
        ("time-to-event", -2, "-2 lies outside what is possible: at least 0"),
        ("score", -1e6, None),
    ],
)
def test_range_checks(identifier: str, value: float, said: str | None) -> None:
    assert catalogue()[identifier].outside(value) == said


def test_directions() -> None:
    lower = ("salt", "easi", "scorad", "iga", "dlqi", "aa-iga")
    assert {catalogue()[i].better for i in lower} == {"lower"}
    assert {catalogue()[i].better for i in GENERIC} == {"not stated"}


def test_thresholds_of_the_catalogue_are_rules() -> None:
    rules = {t.id: rule_of("salt", t) for t in catalogue()["salt"].thresholds}
    assert rules["salt-20-or-less"].verdict({"salt": 100}, {"salt": 20}) == "yes"
    assert rules["salt-50"].verdict({"salt": 100}, {"salt": 50}) == "yes"
    assert rules["salt-90"].verdict({"salt": 100}, {"salt": 11}) == "no"


def test_names_of_extent_are_defined() -> None:
    found = {c.id: c.definition for c in catalogue()["alopecia-areata-extent"].categories}
    assert "scalp and body" in (found["alopecia-universalis"] or "")
    assert "band-like" in (found["ophiasis"] or "")


def test_a_review_replaces_extends_and_adds_instruments(tmp_path: Path) -> None:
    small_review = copy_of_small_review(tmp_path)
    folder = small_review / "instruments"
    (folder / "salt.yaml").write_text("id: salt\nextends: salt\nname: SALT by photograph\n", encoding="utf-8")
    (folder / "weight.yaml").write_text(
        "id: weight\nextends: score\nname: body weight\nmeasures: weight\nunit: kg\nbetter: higher\nsource: x\n",
        encoding="utf-8",
    )
    review, report = read_review(small_review)
    assert report.ok
    assert review is not None
    assert review.instruments["salt"].name == "SALT by photograph"
    assert review.instruments["salt"].components == catalogue()["salt"].components
    assert (review.instruments["weight"].unit, review.instruments["weight"].kind) == ("kg", "score")
    assert review.instruments["easi"] == catalogue()["easi"]
    assert {"salt", "weight"} <= set(review.own_instruments)


def test_an_instrument_whose_range_is_reversed_is_refused() -> None:
    with pytest.raises(ValueError, match="low 5 is not below high 1"):
        Instrument.model_validate({"id": "x", "name": "x", "measures": "x", "low": 5, "high": 1, "better": "lower",
                                   "source": "x"})  # fmt: skip
