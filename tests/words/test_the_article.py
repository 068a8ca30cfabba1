"""The article this review set out from: each of its overstatements is found, and the tool's wording stands beside it.

Source: Donovan Hair Clinic, “Dupilumab (Dupixent) Helped 25 % of Adults But No Children with Combined Atopic Dermatitis
and Alopecia Totalis/Universalis” and the article under it. Quotes of at most 25 words each, kept as fixtures only.
"""

from __future__ import annotations

import pytest

import handful as hf

#: what stands behind the article, read in the two series it reviews
COUNTS = {"adults": (1, 4), "children": (0, 4)}

#: (its words, [(rule, words that are found, what is offered instead)])
ARTICLE = [
    (
        "Dupilumab (Dupixent) Helped 25 % of Adults But No Children with Combined Atopic Dermatitis and Alopecia"
        " Totalis/Universalis",
        [
            ("W1", "Helped", "1 of 4 adults had “…”"),
            ("W8", "25 %", "below 20 people the count is written: 1 of 4 adults; the true rate could be fewer"),
            ("W6", "No Children", "0 of 4 children; the true rate could be 0 to 60 in 100"),
        ],
    ),
    (
        "Dupilumab Not Consistently Effective for Patients with Both Atopic Dermatitis and Advanced Alopecia Areata",
        [("W1", "Effective", "1 of 4 adults"), ("W9", "Consistently Effective", "fewer than 1 to 81 in 100")],
    ),
    (
        "Dupilumab can sometimes cause alopecia areata in some patients with eczema.",
        [("W1", "cause", "1 of 4 adults and 0 of 4 children")],
    ),
    (
        "dupilumab can also help treat alopecia areata in some patients and get the hair growing back.",
        [("W1", "help", "had “…”"), ("W1", "get the hair growing back", "1 of 4 adults")],
    ),
    ("A number of studies have examined the benefits of using dupilumab", [("W1", "benefits of using", "1 of 4")]),
    (
        "dupilumab is probably not a great first line option for patients",
        [("W5", "great first line option", "1 of 4 adults")],
    ),
    ("If we look at the two largest studies of dupilumab", [("W9", "largest studies", "8 people in all")]),
    (
        "patients with alopecia totals and universalists do not tend to respond well to these medications",
        [("W1", "respond well", "1 of 4 adults"), ("W9", "tend to respond", "the true rate could be")],
    ),
    (
        "none of the four patients with alopecia totalis and universalis experienced cosmetically significant hair"
        " growth",
        [("W6", "none of the four patients", "the true rate could be"), ("W5", "significant", "in 100")],
    ),
    (
        "only 1 of 4 adults had cosmetically significant regrowth",
        [("W5", "only", "1 of 4 adults"), ("W5", "significant", "81 in 100")],
    ),
    (
        "Other options like Tofacitinib, methotrexate, are first line. Dupilumab however, may be a second or third line"
        " option",
        [("W5", "are first line", "the ladder's rule"), ("W5", "second or third line option", "guideline")],
    ),
    ("1 had some response but it was only slight growth.", [("W4", "slight growth", "the true rate could be")]),
    ("This is a low proportion", [("W4", "low proportion", "1 of 4 adults")]),
    (
        "this statistic of 25 % is still somewhat encouraging",
        [("W8", "25 %", "1 of 4 adults"), ("W5", "encouraging", "1 of 4 adults and 0 of 4 children had “…”")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), ARTICLE, ids=lambda value: str(value)[:40])
def test_each_overstatement_is_found_with_the_wording_to_use(said: str, expected: list[tuple[str, str, str]]) -> None:
    assert len(said.split()) <= 25, "a quote, and no longer than a quote"
    found = hf.check_words(said, counts=COUNTS, design="case-series", certainty="very low")
    for rule, words, instead in expected:
        hits = [f for f in found if f.rule == rule and words.lower() in f.words.lower()]
        assert hits, (rule, words, str(found))
        assert any(instead in f.instead for f in hits), [f.instead for f in hits]


def test_no_evidence_of_that_kind_would_make_the_title_true() -> None:
    """Not even a randomised trial of high certainty: the percentage, the none, and one group's rate for a cause."""
    title = ARTICLE[0][0]
    found = hf.check_words(title, design="randomised", certainty="high", counts=COUNTS, difference=(0.1, 0.4))
    assert {f.rule for f in found} == {"W6", "W8"}


def test_what_the_tool_says_of_the_same_counts_passes_its_own_check() -> None:
    said = [
        hf.sentence(hf.two_groups(1, 4, 0, 4), groups=("adults", "children"), outcome="regrowth", design="case-series"),
        *(hf.sentence(pair, who=who, outcome="regrowth", design="case-series") for who, pair in COUNTS.items()),
    ]
    for one in said:
        assert not hf.check_words(str(one), counts=COUNTS, design="case-series").found, str(one)
    assert "cannot tell adults and children apart" in str(said[0])
