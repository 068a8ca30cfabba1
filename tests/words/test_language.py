"""Another language is a folder of data: the loader says all at once what it lacks; nothing English is left in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import handful
import handful as hf
from handful.words import result_sentence
from handful.words.language import FOLDER, Language, language, placeholders, read_language

PACKAGE = Path(handful.__file__).parent


def a_small_language(english: Language) -> dict[str, str]:
    """Every phrase as its key and its placeholders, in capitals: no word of English is left."""
    made = {}
    for key, phrase in english.phrases.items():
        if " | " in phrase:
            made[key] = " | ".join(f"N{i}" for i, _ in enumerate(phrase.split(" | ")))
        else:
            made[key] = " ".join(
                [key.upper().replace(".", "_"), *(f"{{{name}}}" for name in sorted(placeholders(phrase)))]
            )
    return made


def write(folder: Path, phrases: dict[str, str]) -> Path:
    """As ``phrases.yaml``: one list for each key that holds several words."""
    lines = []
    for key, phrase in phrases.items():
        value = "[" + ", ".join(f'"{w}"' for w in phrase.split(" | ")) + "]" if " | " in phrase else f'"{phrase}"'
        lines.append(f'"{key}": {value}')
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "phrases.yaml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_a_second_language_says_every_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    english = language()
    write(tmp_path / "zz", a_small_language(english))
    second = read_language(tmp_path / "zz" / "phrases.yaml", "zz", reference=english)
    monkeypatch.setattr(result_sentence, "language_of", lambda code: second)
    results: list[tuple[Any, dict[str, Any]]] = [
        ((1, 4), {"design": "case-series", "certainty": "low", "started": 6, "time": "T"}),
        ((0, 4), {}),
        ((4, 4), {}),
        (hf.two_groups(1, 4, 0, 4), {}),
        (hf.two_groups(70, 100, 1, 100), {}),
        *((hf.two_groups(7, 34, 1, 34), {"design": "randomised", "certainty": level, "thresholds": (0.05, 0.1, 0.2)})
          for level in (None, "very-low", "low", "moderate", "high")),
        (hf.pool(hf.one_arm([1, 0, 3], [4, 4, 9])), {"design": "case-series"}),
        (hf.pool(hf.one_arm([1, 0], [4, 4])), {}),
        (hf.NotEstimable("R"), {}),
    ]  # fmt: skip
    for result, about in results:
        said = str(hf.sentence(result, language="zz", outcome="O", who="W", groups=("A", "B"), **about))
        words = set(re.findall(r"[a-z]{2,}", said)) - {"study"}  # labels of studies are not ours
        assert not words, (said, words)


def test_everything_that_a_language_lacks_is_told_at_once(tmp_path: Path) -> None:
    english = language()
    phrases = a_small_language(english)
    del phrases["rate.some"], phrases["certainty.high"]
    phrases["rate.none"] = "{who} {count}"
    phrases["rate.every"] = "{who} {count} {low} {outcome} {more}"
    phrases["numbers.small"] = "a | b"
    phrases["extra"] = "x"
    phrases["sizes.small"] = "{0}"
    phrases["sizes.large"] = "{"
    with pytest.raises(hf.HandfulError) as error:
        read_language(write(tmp_path / "zz", phrases), "zz", reference=english)
    said = str(error.value)
    for fault in (
        "8 things are wrong",
        "rate.some: is missing",
        "certainty.high: is missing",
        "rate.none: holds {count}, {who}, and must hold {count}, {high}, {outcome}, {who}",
        "rate.every: holds {count}, {low}, {more}, {outcome}, {who}",
        "numbers.small: another number of words",
        "extra: is no key of en",
        "sizes.small: a placeholder is a plain name, not '0'",
        "sizes.large: cannot be read",
    ):
        assert fault in said, said


def test_an_unknown_language_names_those_there_are() -> None:
    for code in ("xx", "../en", ""):
        with pytest.raises(hf.HandfulError, match="accepted: en"):
            hf.sentence((1, 4), language=code)
        with pytest.raises(hf.HandfulError, match="accepted: en"):
            hf.check_words("x", language=code)


def test_every_phrase_is_used_and_every_use_has_its_phrase() -> None:
    """Keys in the code, with what is handed over, are those of the file."""
    english = language()
    used: set[str] = set()
    wild: set[str] = set()
    for file in sorted((PACKAGE / "words").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for text, exact in _keys(node):
                (used if exact else wild).add(text)
    missing = {key for key in used if key not in english.phrases and not key.endswith(".py")}
    assert not missing, missing
    patterns = [re.compile(pattern) for pattern in wild]
    unused = [k for k in english.phrases if k not in used and not any(p.fullmatch(k) for p in patterns)]
    assert not unused


def _keys(node: ast.AST) -> list[tuple[str, bool]]:
    """Keys in calls of ``say``, ``text`` and ``words`` of a language: plain ones, and patterns of made ones."""
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[a-z-]+(\.[a-z0-9-]+)+", node.value)
    ):
        return [(node.value, True)] if node.value.split(".")[0] in {k.split(".")[0] for k in language().phrases} else []
    if isinstance(node, ast.Constant) and node.value in language().phrases:
        return [(str(node.value), True)]
    if isinstance(node, ast.JoinedStr):
        parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".+" for v in node.values]
        return [("".join(parts), False)] if "." in "".join(parts) and len(parts) > 1 and parts[0] != ".+" else []
    return []


def test_what_a_phrase_is_given_is_what_it_holds() -> None:
    english = language()
    with pytest.raises(hf.HandfulError, match="was given"):
        english.say("rate.some", who="x")
    with pytest.raises(hf.HandfulError, match="no phrase"):
        english.say("rate.nothing")
    assert (FOLDER / "en" / "phrases.yaml").is_file()
