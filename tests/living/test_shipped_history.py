"""The notes in the how-to are those that the shipped review gives today."""

from __future__ import annotations

from .shipped_history import BLOCK, PAGE, notes


def test_the_notes_of_the_how_to_are_made_from_the_records() -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = {name: body.rstrip() for _, name, body, _ in BLOCK.findall(page)}
    made = notes()
    assert told.keys() == made.keys()
    for name, body in made.items():
        assert told[name] == body, f"{name}: python -m tests.living.shipped_history, then read the difference"


def test_a_retraction_takes_the_study_out_of_the_answer_and_says_so() -> None:
    told = notes()["study-retracted"]
    assert "Adults, “cosmetically significant regrowth”: 1 of 4 (fewer than 1 to 81 in 100) → nobody counted" in told
    assert "moved by source harada-2020" in told
    assert "**Conclusion changed: yes.**" in told


def test_a_definition_alone_moves_no_number() -> None:
    told = notes()["definition-corrected"]
    assert "**Conclusion changed: no.**" in told
    assert "SALT score below 10 →" in told
