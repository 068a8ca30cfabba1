"""What people type: frozen, really numbers, one origin for each."""

from __future__ import annotations

import copy
import pickle

import pytest
from pydantic import TypeAdapter, ValidationError

from handful.base.provenance import ReportedCount, ReportedPercent
from handful.base.typed import Count, FrozenMap, Id, Ids, Percent, Quote, Typed

COUNT, PERCENT = TypeAdapter(ReportedCount), TypeAdapter(ReportedPercent)


@pytest.mark.parametrize("value", [0, 4, 10**10])
def test_counts_are_whole_numbers(value: int) -> None:
    assert TypeAdapter(Count).validate_python(value) == value


@pytest.mark.parametrize("value", [True, 4.0, "4", -1, None, [4]])
def test_what_is_no_whole_number_is_no_count(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Count).validate_python(value)


@pytest.mark.parametrize(("value", "text"), [("20.00", "20.00"), (9.4, "9.4"), (25, "25"), ("0", "0"), ("100", "100")])
def test_percentages_keep_their_digits(value: object, text: str) -> None:
    assert TypeAdapter(Percent).validate_python(value) == text


@pytest.mark.parametrize("value", ["25 %", "-1", "100.1", "about 5", True, ".5", "1e2", None, "٣"])
def test_what_is_no_percentage_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Percent).validate_python(value)


@pytest.mark.parametrize("value", ["harada-2020", "a", "2020", "a-b-c"])
def test_ids(value: str) -> None:
    assert TypeAdapter(Id).validate_python(value) == value


@pytest.mark.parametrize("value", ["", "A", "a_b", "a--b", "-a", "a-", "../a", "a/b", "a.b", "é", "a\n", 3, None])
def test_what_is_no_id(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Id).validate_python(value)


def test_one_id_stands_for_a_list_of_one() -> None:
    assert TypeAdapter(Ids).validate_python("a") == ("a",)
    assert TypeAdapter(Ids).validate_python(["a", "b"]) == ("a", "b")


def test_a_quote_has_25_words_at_most() -> None:
    words = " ".join(["word"] * 25)
    assert TypeAdapter(Quote).validate_python(f"{words} …")
    with pytest.raises(ValidationError, match="26 words"):
        TypeAdapter(Quote).validate_python(f"{words} more")


def test_a_number_has_one_origin() -> None:
    read = COUNT.validate_python({"value": 4, "at": "p. 2"})
    derived = COUNT.validate_python({"value": 3, "derived": "4 - 1 = 3", "from": "a"})
    back = COUNT.validate_python({"value": 13, "at": "x", "back-calculated": {"percent": "32.5", "of": 40}})
    assert [r.how for r in (read, derived, back)] == ["read", "derived", "back-calculated"]
    for wrong in (
        {"value": 4},
        {"value": 4, "at": "p", "from": "a"},
        {"value": 4, "derived": "x"},
        {"value": 4, "derived": "x", "from": "a", "back-calculated": {"percent": "10", "of": 40}},
        {"value": 4, "at": "p", "page": 3},
    ):
        with pytest.raises(ValidationError):
            COUNT.validate_python(wrong)
    assert PERCENT.validate_python({"value": 9.4, "at": "p"}).value == "9.4"


def test_nothing_typed_can_be_changed_afterwards() -> None:
    class Small(Typed):
        n: ReportedCount

    small = Small.model_validate({"n": {"value": 4, "at": "p"}})
    with pytest.raises(ValidationError):
        small.n = small.n
    with pytest.raises(ValidationError):
        small.n.value = 5


def test_a_frozen_mapping_is_frozen_and_can_be_copied() -> None:
    mapping = FrozenMap({"a": 1, "b": 2})
    for change in (
        lambda: mapping.update(a=2), lambda: mapping.pop("a"), lambda: mapping.clear(), lambda: mapping.popitem(),
        lambda: mapping.setdefault("c", 1), lambda: mapping.__setitem__("a", 2), lambda: mapping.__delitem__("a"),
        lambda: mapping.__ior__({"a": 2}),
    ):  # fmt: skip
        with pytest.raises(TypeError, match="frozen"):
            change()
    assert mapping == {"a": 1, "b": 2}
    assert hash(mapping) == hash(FrozenMap({"b": 2, "a": 1}))
    assert pickle.loads(pickle.dumps(mapping)) == mapping
    assert copy.deepcopy(mapping) == mapping
