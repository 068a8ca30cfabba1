"""Certainty in a network: the rules of GRADE worked by hand, in every combination of levels."""

from __future__ import annotations

from itertools import product

import pytest

from handful.certainty.certainty import LEVELS, Certainty, Domain
from handful.certainty.imprecision import Suggestion
from handful.certainty.networks import indirect_certainty, network_certainty, without_imprecision

NONE = Suggestion(0, "none")


def level(name, imprecision=0):
    return Certainty("effect", name, "x", (Domain("imprecision", imprecision, "x", "judged"),))


def test_the_indirect_comparison_is_no_surer_than_the_weaker_of_its_two() -> None:
    for a, b in product(LEVELS, repeat=2):
        assert LEVELS.index(indirect_certainty(level(a), level(b), NONE).level) == min(map(LEVELS.index, (a, b)))
    assert indirect_certainty(level("high"), level("high"), Suggestion(-1, "other people")).level == "moderate"


def test_the_network_takes_the_surer_of_direct_and_indirect_less_its_own_steps() -> None:
    for a, b in product(LEVELS, repeat=2):
        found = network_certainty(level(a), level(b), incoherence=NONE, imprecision=NONE)
        assert LEVELS.index(found.level) == max(map(LEVELS.index, (a, b)))
        worse = network_certainty(level(a), level(b), incoherence=Suggestion(-1, "x"), imprecision=Suggestion(-1, "x"))
        assert LEVELS.index(worse.level) == max(0, LEVELS.index(found.level) - 2)


def test_imprecision_is_taken_off_once_and_last() -> None:
    direct = level("high", imprecision=-2)
    assert direct.level == "low"
    assert without_imprecision(direct) == "high"
    assert network_certainty(direct, None, imprecision=Suggestion(-1, "narrower in the network")).level == "moderate"


def test_one_alone_cannot_be_incoherent_and_what_nobody_judged_counts() -> None:
    assert [d.name for d in network_certainty(level("high"), None, imprecision=NONE).domains] == ["imprecision"]
    found = network_certainty(level("high"), level("low"))
    assert found.not_judged == ("incoherence", "imprecision")
    assert found.level == "low"
    with pytest.raises(ValueError, match="neither"):
        network_certainty(None, None)
