"""The words that claim too much, as data: what each needs before it may be said, and what may be said instead.

One file a family in ``languages/<code>/claims/``. A language is complete when it has the families that English has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias, get_args

from handful.base.errors import InputError
from handful.base.language import FOLDER, REFERENCE
from handful.base.yaml_files import Document, read

Needs: TypeAlias = Literal["never", "comparison", "thresholds", "most", "few", "many"]
FAMILIES = ("cause", "comparison", "absolutes", "praise", "size", "people")


@dataclass(frozen=True)
class ClaimRule:
    """A pattern of words, the rule of ``docs/methods/words.md`` it belongs to (W1 …), and what it ``needs``.

    ``never``: no evidence allows it. ``comparison``: a comparing design, an interval that holds no effect on neither
    side, and the verb of the certainty. ``thresholds``: sizes in the plan. ``most``/``few``: a limit above/below one
    half. ``many``: a hundred people. ``like`` are words that it finds.
    """

    id: str
    family: str
    rule: str
    needs: Needs
    pattern: re.Pattern[str]
    unless: tuple[re.Pattern[str], ...]
    says: str
    instead: str
    like: tuple[str, ...]


@dataclass(frozen=True)
class NumberText:
    """What is said of a number that breaks a rule."""

    rule: str
    like: tuple[str, ...]
    says: str
    instead: str


@dataclass(frozen=True)
class ClaimRules:
    """All rules of one language."""

    code: str
    words: tuple[ClaimRule, ...]
    numbers: Mapping[str, NumberText]
    number_patterns: Mapping[str, re.Pattern[str]]
    not_claimed: tuple[re.Pattern[str], ...]
    clause_end: re.Pattern[str]
    hedges: Mapping[str, re.Pattern[str]]
    verbs: Mapping[str, str]
    sizes: Mapping[str, re.Pattern[str]]


@cache
def claim_rules(code: str = REFERENCE) -> ClaimRules:
    """The rules of a language.

    Raises:
        InputError: when the language has none, or what is wrong with them, all at once.
    """
    folder = FOLDER / code / "claims"
    if not code.isalpha() or not folder.is_dir():
        known = sorted(path.parent.name for path in FOLDER.glob("*/claims"))
        raise InputError(f"there are no claim rules for language={code!r}", hint=f"accepted: {', '.join(known)}")
    wrong: list[str] = []
    files = {}
    for name in (*FAMILIES, "numbers", "frames"):
        found = read(folder / f"{name}.yaml", f"{code}/claims/{name}.yaml")
        if isinstance(found, Document) and isinstance(found.data, dict):
            files[name] = found.data
        else:
            wrong.append(str(found))
    if wrong:
        raise InputError(f"the claim rules of {code} cannot be read", hint="\n  ".join(wrong))
    words = tuple(_rule(files[family], row, wrong) for family in FAMILIES for row in files[family]["rules"])
    repeated = {rule.id for rule in words if sum(other.id == rule.id for other in words) > 1}
    wrong += [f"{name}: stands twice" for name in sorted(repeated)]
    numbers = files["numbers"]
    frames = files["frames"]
    made = ClaimRules(
        code,
        words,
        {
            row["id"]: NumberText(row["rule"], tuple(row["like"]), row["says"], row["instead"])
            for row in numbers["rules"]
        },
        {name: _pattern(name, text, wrong) for name, text in numbers["patterns"].items()},
        tuple(_pattern("not-claimed", text, wrong) for text in frames["not-claimed"]),
        _pattern("clause-end", frames["clause-end"], wrong),
        {name: _pattern(name, text, wrong) for name, text in frames["hedges"].items()},
        dict(frames["instead-of-verb"]),
        {name: _pattern(name, text, wrong) for name, text in frames["sizes"].items()},
    )
    if wrong:
        raise InputError(f"the claim rules of {code}: {len(wrong)} things are wrong", hint="\n  ".join(wrong))
    return made


def _rule(family: Mapping[str, Any], row: Mapping[str, Any], wrong: list[str]) -> ClaimRule:
    name = row["id"]
    needs = row.get("needs", family["needs"])
    if needs not in get_args(Needs):
        wrong.append(f"{name}: needs {needs!r}; accepted: {', '.join(get_args(Needs))}")
    for key in row:
        if key not in ("id", "like", "rule", "needs", "pattern", "unless", "says", "instead"):
            wrong.append(f"{name}: unknown key {key}")
    return ClaimRule(
        name,
        family["family"],
        row.get("rule", family["rule"]),
        needs,
        _pattern(name, row["pattern"], wrong),
        tuple(_pattern(name, text, wrong) for text in row.get("unless", ())),
        row.get("says", family["says"]),
        row.get("instead", family["instead"]),
        tuple(row["like"]),
    )


def _pattern(name: str, text: str, wrong: list[str]) -> re.Pattern[str]:
    try:
        # a gap in a pattern is any gap of a text: a line may end there
        return re.compile(text.replace("[- ]", "[-\\s]+").replace("[ -]", "[-\\s]+"), re.IGNORECASE)
    except re.error as error:
        wrong.append(f"{name}: {error}")
        return re.compile(r"(?!)")
