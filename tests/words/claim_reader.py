"""A reader of sentences, written from the rules W1 to W12 and from nothing of the maker of the sentences.

It takes a sentence apart with its own patterns, computes every number again (its own sums, not the package), and lists
what the sentence claims beyond the truth it is given. It knows English and the truth; it does not know how sentences
are made.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

NONE, ALL = "none", "all"


@dataclass(frozen=True)
class Truth:
    """What really stands behind a sentence."""

    counts: tuple[tuple[int, int], ...]
    compared: bool
    certainty: str | None = None
    thresholds: tuple[float, float, float] | None = None
    #: limits of the rate (one group), of the difference (two groups), and of the next study, where they are known
    rate: tuple[float, float] | None = None
    difference: tuple[float, float] | None = None
    prediction: tuple[float, float] | None = None
    studies: int = 1
    pooled: bool = False
    people: int | None = None
    cannot_tell: bool = True
    notes: dict[str, object] = field(default_factory=dict)


@cache
def exact_limits(x: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's limits, by bisection on the binomial tail sums."""
    tail = (1 - level) / 2

    def at_most(k: int, p: float) -> float:
        return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))

    def root(too_low: Callable[[float], bool]) -> float:
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if too_low(middle) else (low, middle)
        return (low + high) / 2

    lower = 0.0 if x == 0 else root(lambda p: 1 - at_most(x - 1, p) < tail)
    upper = 1.0 if x == n else root(lambda p: at_most(x, p) > tail)
    return lower, upper


def said_value(words: str, frame: int) -> tuple[float, float]:
    """What '34', 'fewer than 1', 'more than 99' can mean as a rate: from, to (within rounding)."""
    if re.match(r"(?:fewer|less) than 1\b", words):
        return 0.0, 1.0 / frame
    if words.startswith("more than"):
        return (frame - 1) / frame, 1.0
    value = int(re.sub(r"\D", "", words))
    if value in (0, frame):
        return value / frame, value / frame
    return (value - 0.5) / frame - 1e-12, (value + 0.5) / frame + 1e-12


VALUE = r"(?:(?:fewer|less) than 1|more than \d+|\d+)"
RANGE = re.compile(rf"({VALUE}) to ({VALUE}) in (10|100|1000)\b")
UP_TO = re.compile(rf"as high as ({VALUE}) in (10|100|1000)\b")
DOWN_TO = re.compile(rf"as low as ({VALUE}) in (10|100|1000)\b")
COUNT = re.compile(r"\b(none|all \d+|\d+) of (\d+)\b")
SPAN_BOTH = re.compile(
    rf"between (as many|{VALUE} (?:fewer|more)) and (as many|{VALUE} (?:fewer|more)) in (10|100|1000)\b"
)
SPAN_ONE = re.compile(rf"between ({VALUE}) and ({VALUE}) (fewer|more) in (10|100|1000)\b")
#: words that give a cause, set two things against each other, praise, or speak of all or none without a number
CAUSE = re.compile(
    r"\b(results? in|leads? to|caus\w+|effective|works?|helps?|improves?|reduces?|increases?|response)\b"
)
DIRECTION = re.compile(r"\b(?:more|fewer) people with\b")
SIZE = re.compile(r"\b(trivial|small|moderate|large)(?: to (trivial|small|moderate|large))? difference\b")
PRAISE = re.compile(r"\b(significant|promising|encouraging|trend|safe|well tolerated|better|worse|superior|only)\b")
ABSOLUTE = re.compile(
    r"\b(never|always|nobody|everyone|no (?:adults|children|people|one)|no effect|(?<!little to )no difference)\b"
)
SUBJECTS = re.compile(r"\b(subjects|patients failed|failed)\b")
MOST = re.compile(r"\b(most|majority|usually|rarely|tends?)\b")
VERBS = {
    "high": re.compile(r"^(?!.*\b(?:probably|may|very uncertain)\b).*\b(?:results in|there are)\b"),
    "moderate": re.compile(r"\bprobably results in\b|\bthere are probably\b"),
    "low": re.compile(r"\bmay result in\b|\bthere may be\b"),
    "very-low": re.compile(r"\bvery uncertain\b"),
}
ORDER = ("very-low", "low", "moderate", "high")


def overclaims(text: str, truth: Truth) -> list[str]:
    """Everything that the text claims beyond the truth, each with its rule; empty when it is honest."""
    found: list[str] = []
    own = re.sub(r"“[^”]*”", "“”", text)
    low_case = own.lower()
    for pattern, rule in ((PRAISE, "W5"), (ABSOLUTE, "W6"), (SUBJECTS, "W12"), (MOST, "W9")):
        found += [f"{rule}: {hit.group()}" for hit in pattern.finditer(low_case)]
    if re.search(r"%", re.sub(r"\d+ % interval", "", own)) and min(n for _, n in truth.counts or ((0, 0),)) < 20:
        found.append("W8: a percentage of fewer than 20")
    if len(set(re.findall(r"\bin (10|100|1000)\b", own))) > 1:
        found.append("W8: two denominators")
    found += _counts(own, truth)
    found += _comparative(own, truth)
    found += _ranges(own, truth)
    found += _pooled(own, truth)
    return found


def stand_alone(truth: Truth) -> bool:
    """Whether counts of several groups or studies stand side by side, none of them pooled."""
    return truth.studies < 3 if truth.pooled else len(truth.counts) > 1


def _counts(own: str, truth: Truth) -> list[str]:
    """Counts are those of the truth; none and all come with a bound (W6, W7)."""
    found = []
    allowed = {*truth.counts, *truth.notes.get("also", ())}  # type: ignore[misc]
    for hit in COUNT.finditer(own):
        some, n = hit.group(1), int(hit.group(2))
        x = 0 if some == NONE else n if some.startswith(ALL) else int(some)
        if (x, n) not in allowed:
            found.append(f"count: {hit.group()} is no count of {sorted(allowed)}")
        if some.startswith(ALL) and int(some.split()[1]) != n:
            found.append(f"count: {hit.group()}")
        if stand_alone(truth) and not re.match(r"[^.;]{0,60}?\(" + RANGE.pattern, own[hit.end() :]):
            found.append(f"W6: {hit.group()} without what the rate could be")
    if len(truth.counts) == 1 and not truth.pooled:
        ((x, n),) = truth.counts
        if x == 0 and not UP_TO.search(own):
            found.append("W6: none of them, and not how high the rate could be")
        if x == n and not DOWN_TO.search(own):
            found.append("W7: all of them, and not how low the rate could be")
        if 0 < x < n and not RANGE.search(own):
            found.append("W1: a count without what the rate could be")
    return found


def _comparative(own: str, truth: Truth) -> list[str]:
    """Verbs, directions and sizes (W1 to W4)."""
    found = []
    if not truth.compared:
        found += [f"W1: {hit.group()} without a comparison" for hit in CAUSE.finditer(own)]
        found += [f"W2: {hit.group()} without a comparison" for hit in DIRECTION.finditer(own)]
        found += [f"W4: {hit.group()} without a comparison" for hit in SIZE.finditer(own)]
        return found
    low, high = truth.difference or (-1.0, 1.0)
    crosses = low <= 0 <= high
    verbs = [level for level in ORDER if VERBS[level].search(own)]
    claims = bool(CAUSE.search(own)) or "there are" in own or "there may be" in own
    if truth.certainty is None and claims:
        found.append("W3: a verb, and no certainty was rated")
    if truth.certainty is not None:
        if claims and truth.certainty == "very-low":
            found.append("W3: a verb at very low certainty")
        if truth.certainty not in verbs:
            found.append(f"W3: the verb is not that of {truth.certainty}: {verbs}")
        if any(ORDER.index(verb) > ORDER.index(truth.certainty) for verb in verbs):
            found.append("W3: a stronger verb than the certainty")
    if DIRECTION.search(own) and crosses:
        found.append("W2: one direction, and the interval holds both")
    for hit in DIRECTION.finditer(own):
        if (low > 0) != hit.group().startswith("more"):
            found.append("W2: the wrong direction")
    if crosses and not (SPAN_BOTH.search(own) or "little to no" in own) and truth.notes.get("span", True):
        found.append("W2: both directions are not named")
    if "little to no" in own:
        small = truth.thresholds[0] if truth.thresholds else 0.0
        if max(abs(low), abs(high)) >= small:
            found.append("W4: little to no difference, and the interval reaches further")
    for hit in SIZE.finditer(own):
        if truth.thresholds is None:
            found.append("W4: a size, and no threshold")
            continue
        sizes = [_size(abs(end), truth.thresholds) for end in (low, high)]
        said = {hit.group(1), hit.group(2) or hit.group(1)}
        if said != set(sizes):
            found.append(f"W4: {hit.group()}, and the ends are {sizes}")
    return found


def _size(value: float, thresholds: tuple[float, float, float]) -> str:
    names = ("trivial", "small", "moderate", "large")
    return names[sum(value >= start for start in thresholds)]


def _ranges(own: str, truth: Truth) -> list[str]:
    """Every range is the interval of the truth, rounded, and so no narrower than rounding makes it."""
    found = []
    allowed = [limits for limits in (truth.rate, truth.prediction) if limits is not None]
    allowed += list(truth.notes.get("ranges", ()))  # type: ignore[call-overload]
    if stand_alone(truth):  # beside each count stands its own
        allowed += [exact_limits(x, n) for x, n in truth.counts]
    for hit in RANGE.finditer(own):
        frame = int(hit.group(3))
        ends = [said_value(hit.group(i), frame) for i in (1, 2)]
        if not any(all(a <= v <= b for (a, b), v in zip(ends, pair, strict=True)) for pair in allowed):
            found.append(f"range: {hit.group()} is none of {allowed}")
    for pattern, which in ((UP_TO, 1), (DOWN_TO, 0)):
        for hit in pattern.finditer(own):
            a, b = said_value(hit.group(1), int(hit.group(2)))
            if truth.rate is None or not a <= truth.rate[which] <= b:
                found.append(f"bound: {hit.group()} is not {truth.rate}")
    spans = [limits for limits in (truth.difference, truth.notes.get("difference prediction")) if limits is not None]
    for hit in SPAN_BOTH.finditer(own):
        frame = int(hit.group(3))
        found += _span(hit.group(), [_signed(hit.group(i), frame) for i in (1, 2)], spans)
    for hit in SPAN_ONE.finditer(own):
        frame = int(hit.group(4))
        near, far = (said_value(hit.group(i), frame) for i in (1, 2))
        if hit.group(3) == "fewer":
            near, far = (-far[1], -far[0]), (-near[1], -near[0])
        found += _span(hit.group(), [near, far], spans)
    return found


def _signed(words: str, frame: int) -> tuple[float, float]:
    if words == "as many":
        return 0.0, 0.0
    a, b = said_value(words.rsplit(" ", 1)[0], frame)
    return (-b, -a) if words.endswith("fewer") else (a, b)


def _span(words: str, ends: list[tuple[float, float]], spans: list[object]) -> list[str]:
    for low, high in spans:  # type: ignore[misc]
        if ends[0][0] <= low <= ends[0][1] and ends[1][0] <= high <= ends[1][1]:
            return []
    return [f"span: {words} is none of {spans}"]


def _pooled(own: str, truth: Truth) -> list[str]:
    """Fewer than three studies are listed; from three on what another study could show stands beside (W9, W10)."""
    if not truth.pooled:
        return []
    found = []
    if truth.studies < 3 and re.search(r"\bpooled over\b|\baverage\b|\bwere pooled\b", own, re.IGNORECASE):
        found.append("W10: a pooled headline of fewer than three studies")
    if truth.studies >= 3 and not re.search(r"\banother study like these\b", own):
        found.append("W10: nothing on what another study could show")
    hits = re.findall(r"(\d+) stud(?:y|ies)\b", own)
    if hits and any(int(k) != truth.studies for k in hits):
        found.append(f"W9: {hits} studies, and there are {truth.studies}")
    if not hits and "one study" not in own:
        found.append("W9: the number of studies is not said")
    if truth.people is not None:
        people = [int(re.sub(r"\D", "", n)) for n in re.findall(r"\bwith ([\d\u202f]+) (?:people|person)\b", own)]
        if people and any(n != truth.people for n in people):
            found.append(f"W9: {people} people, and there are {truth.people}")
        if truth.people < 20 and re.search(r"\babout \d+ in\b", own):
            found.append("W8: a point of fewer than 20 people")
    return found
