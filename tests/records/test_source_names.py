"""What a source is called in a sentence."""

from __future__ import annotations

import pytest

from handful.records.source import LONGEST_NAME, Seen, Source, first_words


def source(**given: object) -> Source:
    made = {"id": "x", "kind": "paper", "title": "A title", "seen": Seen(level="abstract"), **given}
    return Source.model_validate(made)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"authors": "Harada", "year": 2020, "journal": "JAAD"}, "Harada 2020"),
        ({"authors": "Donovan"}, "Donovan, no date"),
        ({"authors": "Ng", "registration": "NCT01", "year": 2024}, "Ng 2024"),
        ({"registration": "NCT05551793", "journal": "ClinicalTrials.gov"}, "NCT05551793"),
        ({"title": "Short title", "journal": "JAAD Case Rep", "year": 2018}, "Short title 2018"),
        (
            {"title": "Hair Regrowth in a Patient With Long-standing Alopecia Totalis", "year": 2018},
            "Hair Regrowth in a Patient… 2018",
        ),
    ],
)
def test_the_name_of_a_source(given: dict[str, object], name: str) -> None:
    """A journal is no name: several papers of one year would share it."""
    assert source(**given).short == name


def test_words_are_never_cut() -> None:
    title = "Two-sided influence of dupilumab on alopecia areata co-existing with severe atopic dermatitis"
    short = first_words(title)
    assert len(short) <= LONGEST_NAME + 1
    assert title.startswith(short[:-1])
    assert title[len(short) - 1] == " "
    assert first_words("RF - Un update (comment on the European consensus)") == "RF - Un update…"
    assert first_words("x" * 90) == "x" * LONGEST_NAME + "…"
