"""Another language is a folder of data: the loader says all at once what it lacks; nothing English is left in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import handful
import handful as hf
from handful.base.language import FOLDER, PLURALS, Language, PluralRule, language, placeholders, read_language, speaking
from handful.base.wording import people
from handful.words import language as language_module
from handful.words import result_sentence

PACKAGE = Path(handful.__file__).parent


FEW = {
    "numbers.plurals.one": "n % 10 = 1 and n % 100 != 11",
    "numbers.plurals.few": "n % 10 = 2..4 and n % 100 != 12..14",
}
"""A language with three forms, as Ukrainian has."""


def a_small_language(english: Language) -> dict[str, str]:
    """Every phrase as its key and its placeholders, in capitals: no word of English is left. It has three forms."""
    made = dict(FEW)
    for key, phrase in english.phrases.items():
        if key.startswith("numbers.plurals."):
            continue
        if " | " in phrase:
            made[key] = " | ".join(f"N{i}" for i, _ in enumerate(phrase.split(" | ")))
        else:
            made[key] = " ".join(
                [key.upper().replace(".", "_"), *(f"{{{name}}}" for name in sorted(placeholders(phrase)))]
            )
    made |= {
        f"{key.removesuffix('.other')}.few": text.replace("_OTHER", "_FEW")
        for key, text in made.items()
        if key.endswith(".other")
    }
    return made


def write(folder: Path, phrases: dict[str, str]) -> Path:
    """As a folder of phrases: one file a topic, one list for each key that holds several words."""
    folder.mkdir(parents=True, exist_ok=True)
    topics: dict[str, list[str]] = {}
    for key, phrase in phrases.items():
        value = "[" + ", ".join(f'"{w}"' for w in phrase.split(" | ")) + "]" if " | " in phrase else f'"{phrase}"'
        topics.setdefault(key.split(".")[0], []).append(f'"{key}": {value}')
    for topic, lines in topics.items():
        (folder / f"{topic}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_second_language_says_every_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    english = language()
    read = read_language(write(tmp_path / "zz", a_small_language(english)), "zz", reference=english)
    second = language_module.Language("zz", read.phrases)
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
    del phrases["rate.some"], phrases["certainty.high"], phrases["things.study.few"]
    phrases["numbers.plurals.few"] = "n is 2"
    phrases["things.person.other"] = "{n} {m}"
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
        "11 things are wrong",
        "rate.some: is missing",
        "things.study.few: is missing",
        "numbers.plurals.few: 'n is 2' is no condition such as `n % 10 = 2..4`",
        "things.person.other: holds {m}, {n}, and must hold {n}",
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
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for text, exact in _keys(node):
                (used if exact else wild).add(text)
    for template in sorted((PACKAGE / "site" / "templates").rglob("*.html")):
        used |= set(re.findall(r'phrase\("([a-z.-]+)"', template.read_text(encoding="utf-8")))
    by_number = {key.removesuffix(".other") for key in english.phrases if key.endswith(".other")}
    missing = {key for key in used if key not in {*english.phrases, *by_number, PLURALS}}
    assert not missing, missing
    patterns = [re.compile(pattern) for pattern in wild]
    asked = {key: key.rpartition(".")[0] if key.rpartition(".")[0] in by_number else key for key in english.phrases}
    asked = {key: name for key, name in asked.items() if not key.startswith("numbers.plurals.")}
    unused = [k for k, name in asked.items() if name not in used and not any(p.fullmatch(name) for p in patterns)]
    assert not unused


TOPICS = {key.split(".")[0] for key in language().phrases}
FILE = re.compile(r"\.(?:html|md|json|yaml|csv|svg|zip|css|py|\w)$")


def _keys(node: ast.AST) -> list[tuple[str, bool]]:
    """Keys in calls of ``say``, ``text`` and ``words`` of a language: plain ones, and patterns of made ones."""
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[a-z-]+(\.[a-z0-9-]+)+", node.value)
    ):
        return [(node.value, True)] if node.value.split(".")[0] in TOPICS and not FILE.search(node.value) else []
    if isinstance(node, ast.Constant) and node.value in language().phrases:
        return [(str(node.value), True)]
    if isinstance(node, ast.JoinedStr):
        parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".+" for v in node.values]
        return [("".join(parts), False)] if "." in "".join(parts) and len(parts) > 1 and parts[0] != ".+" else []
    return []


def test_what_a_phrase_is_given_is_what_it_holds() -> None:
    english = language()
    with pytest.raises(hf.HandfulError, match="was given"):
        english.text("rate.some", who="x")
    with pytest.raises(hf.HandfulError, match="no phrase"):
        english.text("rate.nothing")
    assert (FOLDER / "en" / "phrases" / "numbers.yaml").is_file()


def test_numbers_take_the_forms_of_unicodes_rules(tmp_path: Path) -> None:
    """Ukrainian and Russian in CLDR 45: one for 1, 21, 31; few for 2 to 4, 22 to 24; the others as other."""
    one, few = PluralRule(FEW["numbers.plurals.one"]), PluralRule(FEW["numbers.plurals.few"])
    assert [n for n in range(130) if one(n)] == [1, 21, 31, 41, 51, 61, 71, 81, 91, 101, 121]
    assert [n for n in range(40) if few(n)] == [2, 3, 4, 22, 23, 24, 32, 33, 34]
    second = read_language(write(tmp_path / "zz", a_small_language(language())), "zz", reference=language())
    with speaking(second):
        said = [people(n) for n in (0, 1, 2, 5, 11, 12, 21, 22)]
    assert said == [f"THINGS_PERSON_{form} {n}" for form, n in (
        ("OTHER", 0), ("ONE", 1), ("FEW", 2), ("OTHER", 5), ("OTHER", 11), ("OTHER", 12), ("ONE", 21), ("FEW", 22)
    )]  # fmt: skip
    assert people(2) == "2 people"


def test_a_form_may_say_its_number_in_its_words(tmp_path: Path) -> None:
    phrases = a_small_language(language()) | {"things.person.one": "A SINGLE PERSON"}
    with speaking(read_language(write(tmp_path / "zz", phrases), "zz", reference=language())):
        assert (people(1), people(2)) == ("A SINGLE PERSON", "THINGS_PERSON_FEW 2")
