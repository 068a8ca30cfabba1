"""``hf.check_words``: what a text claims beyond its counts, and what may be written instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handful.base.errors import InputError, UnknownChoice
from handful.records.study import DESIGN_WORDS
from handful.stats.one_group.proportion import proportion
from handful.stats.results import NotEstimable
from handful.words.bare_text import own_words, sentences_of
from handful.words.certainty_words import certainty_level, thresholds_of
from handful.words.claim_rules import ClaimRule, ClaimRules, claim_rules
from handful.words.evidence_behind import EvidenceBehind
from handful.words.language import language as language_of
from handful.words.language import told
from handful.words.number_rules import number_findings
from handful.words.offers import Offers, offers_from_counts
from handful.words.plain_letters import plain_letters

NEAR = 20
"""So many signs after the words a group's name is taken to be that of the people they speak of: “25 % of adults”."""


FAR = 300
"""Further away than this nothing of a sentence says whom the words speak of."""


@dataclass(frozen=True, order=True)
class Finding:
    """Words that claim too much: where they stand, which rule they break, why, and what may be written instead."""

    line: int
    start: int
    end: int
    words: str
    rule: str
    id: str
    says: str
    instead: str

    def __str__(self) -> str:
        shown = told("claim.shown", line=self.line, words=self.words, rule=self.rule, says=self.says)
        return f"{shown}\n  {self.instead}"


@dataclass(frozen=True)
class Findings:
    """Every finding in a text, in its order; true when there is one."""

    found: tuple[Finding, ...] = ()

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, index: int) -> Finding:
        return self.found[index]

    def __str__(self) -> str:
        return "\n".join(map(str, self.found)) or told("claim.nothing")

    def to_dicts(self) -> list[dict[str, Any]]:
        """Plain values, for JSON or a data frame."""
        from dataclasses import asdict

        return [asdict(one) for one in self.found]


def check_words(
    text: str,
    *,
    design: str | None = None,
    n: int | None = None,
    counts: Mapping[str, tuple[int, int]] | tuple[int, int] | None = None,
    certainty: Any = None,
    interval: tuple[float, float] | None = None,
    difference: tuple[float, float] | None = None,
    thresholds: Any = None,
    language: str = "en",
) -> Findings:
    """What a text claims beyond the evidence behind it: each with its line, its words, the rule, and what may be said.

    Without further options the evidence is taken to be what it mostly is: counts of few people without a comparison.
    ``design`` (``randomised``, ``non-randomised``, ``pooled-trials`` compare; ``case-series`` and the others do not),
    ``n`` people, ``certainty`` (very low to high), ``difference`` (limits of the difference of two rates),
    ``thresholds`` (see :func:`~handful.words.result_sentence.sentence`) and ``interval`` (limits of the rate) allow
    more: a claim of a comparison whose interval holds no effect on neither side may be made with the verb of its
    certainty, "most" needs a lower limit above one half, a size needs thresholds.

    ``counts`` are ``(events, total)``, or those of each group by its name; what may be written instead then holds the
    real numbers.

    Quoted words, code, addresses and expressions between ``{{`` and ``}}`` are not looked at; nor is what a sentence
    says is not known, or asks. A word does not hide behind an invisible sign, an accent, a look-alike letter of another
    alphabet, an entity (``&shy;``) or marks of Markdown. English is the language that comes with rules.

    Raises: :class:`~handful.base.errors.InputError` for counts or limits that cannot be, and unknown options.

    References: the rules W1 to W12, docs/methods/words.md.

    >>> print(check_words("Dupilumab helped the adults.", counts=(1, 4)))
    line 1: “helped” (W1) is a claim about cause, and no comparison stands behind it
      say what was counted: 1 of 4 had “…”; the true rate could be fewer than 1 to 81 in 100
    """
    if design is not None and design not in DESIGN_WORDS:
        raise UnknownChoice("design", design, list(DESIGN_WORDS))
    named = _named(counts)
    rate = _limits("interval", interval, 0.0)
    if rate is None and len(named) == 1:
        found = proportion(*next(iter(named.values())))
        rate = None if isinstance(found, NotEstimable) else (float(found.low), float(found.high))
    people = n if n is not None else sum(total for _, total in named.values()) or None
    behind = EvidenceBehind(
        design, people, certainty_level(certainty), rate, _limits("difference", difference, -1.0),
        thresholds_of(thresholds),
    )  # fmt: skip
    few = n if n is not None else max((total for _, total in named.values()), default=None)
    rules = claim_rules(language)
    return find_claims(text, behind, offers_from_counts(named, language_of(language)), rules, few=few)


def find_claims(
    text: str, behind: EvidenceBehind, offers: Offers, rules: ClaimRules, *, few: int | None = None, first_line: int = 1
) -> Findings:
    """Every finding in a text. ``few`` is the number of people that percentages in it are of, where that is known."""
    own = plain_letters(own_words(text))
    bare = own.text
    spans = list(sentences_of(bare))
    found: list[Finding] = []

    def typed(start: int, end: int) -> str:
        first, last = own.place(start, end)
        return text[first:last]

    def add(start: int, end: int, rule: str, name: str, says: str, instead: str) -> None:
        first, last = own.place(start, end)
        line = text.count("\n", 0, first) + first_line
        words = " ".join(text[first:last].split())
        read = plain_letters(words).text
        if read != words.replace("_", " "):
            says = told("claim.reads", word=read, says=says)
        inside = next((s for s in spans if s.start <= start < s.end), None)
        around = typed(max(start - FAR, inside.start), min(end + FAR, inside.end)) if inside else ""
        near = typed(start, min(end + NEAR, inside.end)) if inside else ""
        found.append(Finding(line, first, last, words, rule, name, says, offers.fill(instead, words, near, around)))

    for span in spans:
        sentence = bare[span.start : span.end]
        covered = _not_claimed(sentence, rules)
        for rule in rules.words:
            matches = list(rule.pattern.finditer(sentence))
            spared = _spared(rule, sentence) if matches else []
            for match in matches:
                if rule.family != "people" and any(a <= match.start() < b for a, b in covered):
                    continue
                if any(start < match.end() and match.start() < end for start, end in spared):
                    continue
                fault = _fault(rule, sentence, match, behind, rules)
                if fault is not None:
                    add(span.start + match.start(), span.start + match.end(), rule.rule, rule.id, *fault)
    whole = [plain_letters(typed(span.start, span.end)).text for span in spans]
    for start, end, name in number_findings(bare, spans, whole, rules, few=few):
        said = rules.numbers[name]
        add(start, end, said.rule, name, said.says, said.instead)
    return Findings(tuple(sorted(_outermost(found))))


def _fault(
    rule: ClaimRule, sentence: str, match: re.Match[str], behind: EvidenceBehind, rules: ClaimRules
) -> tuple[str, str] | None:
    """Why the words cannot stand, and what can; None where the evidence carries them."""
    if rule.needs == "thresholds" and behind.carries("thresholds"):
        return _size_fault(match, behind, rules)
    if rule.needs != "comparison" or not behind.compared:
        return None if behind.carries(rule.needs) else (rule.says, rule.instead)
    if behind.crosses:
        return told("claim.crosses"), told("claim.both-directions", offer="{comparison}")
    before = sentence[: match.end()]
    hedges = [(hit.end(), name) for name, hedge in rules.hedges.items() for hit in hedge.finditer(before)]
    needed = behind.verb_needed(max(hedges)[1] if hedges else None)
    if needed is None:
        return None
    rated = told("claim.not-rated")
    if behind.certainty is not None:
        rated = told("claim.rated", certainty=told(f"certainty.{needed}"))
    return told("claim.too-sure", rated=rated), told("claim.verb", verb=rules.verbs[needed])


def _size_fault(match: re.Match[str], behind: EvidenceBehind, rules: ClaimRules) -> tuple[str, str] | None:
    """Why a size word is not that of the interval; None where both ends have it, or where no difference is known."""
    if behind.sizes is None:
        return None
    named = next((name for name, words in rules.sizes.items() if words.search(match.group())), None)
    least, most = behind.sizes
    if named is None or named == least == most:
        return None
    size = {"least": told(f"sizes.{least}"), "most": told(f"sizes.{most}")}
    if least == most:
        return told("claim.size-one", least=size["least"]), told("claim.a-size", size=size["least"])
    return told("claim.size-span", **size), told("claim.sizes", **size)


def _not_claimed(sentence: str, rules: ClaimRules) -> list[tuple[int, int]]:
    """Where a sentence says that something is not known, or asks; in a question, all of it."""
    if sentence.rstrip().rstrip('”’")]').endswith("?"):
        return [(0, len(sentence))]
    found = []
    for frame in rules.not_claimed:
        for match in frame.finditer(sentence):
            stop = rules.clause_end.search(sentence, match.end())
            found.append((match.start(), stop.start() if stop else len(sentence)))
    return found


def _spared(rule: ClaimRule, sentence: str) -> list[tuple[int, int]]:
    """Where an expression means something else; words inside, or overlapping it, are let be."""
    return [match.span() for pattern in rule.unless for match in pattern.finditer(sentence)]


def _outermost(found: list[Finding]) -> list[Finding]:
    """Of findings that lie one inside the other with the same rule, the outer one; each place once."""
    kept: list[Finding] = []
    reaching: list[Finding] = []  # kept ones that begin before this one and end after its start
    for one in sorted(set(found), key=lambda f: (f.start, -f.end)):
        reaching = [other for other in reaching if other.end > one.start]
        if not any(other.rule == one.rule and one.end <= other.end for other in reaching):
            kept.append(one)
            reaching.append(one)
    return kept


def _named(counts: Mapping[str, Sequence[int]] | Sequence[int] | None) -> dict[str, tuple[int, int]]:
    if counts is None:
        return {}
    given = counts if isinstance(counts, Mapping) else {"": counts}
    made = {}
    for name, pair in given.items():
        fits = isinstance(pair, Sequence) and len(pair) == 2 and all(int(value) == value for value in pair)
        if not fits or not 0 <= pair[0] <= pair[1] or pair[1] < 1:
            hint = 'for example counts=(1, 4), or counts={"adults": (1, 4), "children": (0, 4)}'
            raise InputError(f"counts={counts!r} are no counts of people", hint=hint)
        made[str(name)] = (int(pair[0]), int(pair[1]))
    return made


def _limits(name: str, given: Sequence[float] | None, least: float) -> tuple[float, float] | None:
    if given is None:
        return None
    low, high = (getattr(given, "low", None), getattr(given, "high", None)) if hasattr(given, "low") else given
    if not least <= float(low) <= float(high) <= 1:  # type: ignore[arg-type]
        raise InputError(f"{name}={given!r}: two limits are needed, the lower first, between {least:g} and 1")
    return float(low), float(high)  # type: ignore[arg-type]
