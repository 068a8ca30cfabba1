"""Reading level and glossary."""

from __future__ import annotations

import pytest

from handful.words.glossary import glossary, terms_in, terms_of_a_review
from handful.words.reading import Reading, reading_level, syllables_of

#: syllables as dictionaries divide the words
SYLLABLES = {
    1: "made hair loss drug scalp whole helped caused grouped reached lost true rate count half where like makes",
    2: "people table treated study trial under among adults children treatment patient series answer causes reasons",
    3: "another interval medicine everyone reported possible exactly family animal tomorrow energy hospital placebo",
    4: "dermatitis comparison definition universal population information original",
    5: "universalis alopecia possibility university",
}


@pytest.mark.parametrize("syllables", SYLLABLES)
def test_syllables_are_those_of_a_dictionary(syllables: int) -> None:
    wrong = {word: syllables_of(word) for word in SYLLABLES[syllables].split() if syllables_of(word) != syllables}
    assert not wrong


def test_the_grade_is_kincaids_formula() -> None:
    """Kincaid and others 1975: 0.39 words a sentence, 11.8 syllables a word, less 15.59."""
    assert Reading(100, 5, 150).grade == pytest.approx(0.39 * 20 + 11.8 * 1.5 - 15.59)
    assert Reading(0, 0, 0).grade == 0


def test_long_words_and_long_sentences_are_harder() -> None:
    plain = "We counted four people. One of them had new hair. We do not know why."
    hard = (
        "Enumeration of individuals demonstrated heterogeneous cosmetically appreciable repigmentation, the aetiology"
    )
    hard += " of which remains incompletely characterised notwithstanding considerable investigational endeavour."
    assert reading_level(plain).grade < 3
    assert reading_level(hard).grade > 20
    assert reading_level(plain).fits
    assert not reading_level(hard).fits
    assert not reading_level("It was so. " * 200).fits, "more than 400 words"


def test_names_that_no_shorter_word_stands_for_count_as_one() -> None:
    text = "Dupilumab was given for alopecia universalis."
    assert reading_level(text, {"dupilumab", "alopecia universalis"}).syllables == 6
    assert reading_level(text).syllables > 12


def test_numbers_and_headings_end_or_carry_no_sentence_of_their_own() -> None:
    found = reading_level("# Two groups\n\nIt was 1 of 4. So it was.\n\n- one\n- two")
    assert found.sentences == 5
    assert found.words == 12


def test_terms_are_found_once_at_their_first_place_and_the_longer_one_wins() -> None:
    text = "A randomised trial and two trials; a Case Series, then case series."
    found = terms_in(text, glossary())
    assert [used.words for used in found] == ["randomised trial", "trials", "Case Series"]
    assert [text[u.start :].startswith(u.words) for u in found] == [True] * 3


def test_names_that_explain_themselves_are_terms_of_the_review() -> None:
    found = terms_of_a_review({"SALT": "a score"}, ["alopecia totalis (all scalp hair lost)", "adults", "salt (x)"])
    assert {term.name: term.means for term in found} == {"SALT": "a score", "alopecia totalis": "all scalp hair lost"}


def test_explanations_are_plain_and_claim_nothing() -> None:
    from handful.words.claims import check_words

    for term in glossary():
        assert reading_level(f"It is {term.means}.").grade <= 9.5, (term.name, reading_level(term.means).grade)
        assert not check_words(term.means).found, term.name
