"""The same content gives the same bytes; anything a reader could notice gives others."""

from __future__ import annotations

import hashlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handful.base.digest import canonical, canonical_json, digest

plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=8,
)


def test_the_digest_is_sha256_of_the_canonical_text() -> None:
    expected = hashlib.sha256(b'{"a": [1, 2.5], "b": null}').hexdigest()
    assert digest({"b": None, "a": (1, 2.5)}) == f"sha256:{expected}"
    assert digest(b"abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2


@given(st.dictionaries(st.text(max_size=4), plain, max_size=4))
def test_the_order_of_keys_does_not_matter_and_once_is_enough(value: dict[str, object]) -> None:
    assert digest(dict(reversed(list(value.items())))) == digest(value)
    assert canonical(canonical(value)) == canonical(value)


def test_last_bits_do_not_count_and_the_ninth_digit_does() -> None:
    assert digest(0.1 + 0.2) == digest(0.3)
    assert digest(0.300000003) != digest(0.3)
    assert digest(-0.0) == digest(0.0)
    assert digest(1) != digest(True)


def test_infinities_are_words_and_nan_is_refused() -> None:
    assert canonical([math.inf, -math.inf]) == ["Infinity", "-Infinity"]
    with pytest.raises(ValueError, match="NaN"):
        canonical({"a": [math.nan]})


def test_indented_text_ends_with_a_newline() -> None:
    assert canonical_json({"b": 1, "a": "τ"}, indent=1) == '{\n "a": "τ",\n "b": 1\n}\n'
