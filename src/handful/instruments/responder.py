"""Who responded: rules over a score at the start and at follow-up, and which visit is the follow-up.

A rule is data, never code: ``{instrument: salt, at-most: 20}``, ``{instrument: salt, fall-of-percent: 50}``,
``{both: [{instrument: iga, at-most: 1}, {instrument: iga, fall-by: 2}]}``. A bar on the score and a bar on
its change are different questions: from SALT 100, a fall of 50 % is reached at 50, SALT 20 or less only at 20.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handful.base.typed import Id, Number, Typed
from handful.instruments.instrument import Instrument, Threshold

ABSOLUTE = ("at_most", "at_least", "below", "above")
CHANGE = ("fall_of_percent", "rise_of_percent", "fall_by", "rise_by")
SLACK = 1e-9
"""Scores are typed decimals; a bar is met when the score lies within this share of it, far below any digit typed."""

Verdict: TypeAlias = Literal["yes", "no", "not known"]


class Rule(Typed):
    """One bar over one instrument, or several that must all be met (``both``)."""

    instrument: Id | None = None
    at_most: Annotated[Number | None, Field(alias="at-most")] = None
    at_least: Annotated[Number | None, Field(alias="at-least")] = None
    below: Number | None = None
    above: Number | None = None
    fall_of_percent: Annotated[Number | None, Field(alias="fall-of-percent", gt=0)] = None
    rise_of_percent: Annotated[Number | None, Field(alias="rise-of-percent", gt=0)] = None
    fall_by: Annotated[Number | None, Field(alias="fall-by", gt=0)] = None
    rise_by: Annotated[Number | None, Field(alias="rise-by", gt=0)] = None
    both: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _one_bar(self) -> Rule:
        bars = [name for name in (*ABSOLUTE, *CHANGE) if getattr(self, name) is not None]
        if self.both:
            if self.instrument is not None or bars:
                raise PydanticCustomError("rule_and_both", "has a bar of its own beside `both:`; put it into `both:`")
            if len(self.both) < 2:
                raise PydanticCustomError("both_of_one", "`both:` needs two rules or more")
        elif self.instrument is None:
            raise PydanticCustomError("rule_without_instrument", "names no `instrument:`")
        elif len(bars) != 1:
            found = ", ".join(b.replace("_", "-") for b in bars) or "none"
            raise PydanticCustomError(
                "rule_needs_one_bar",
                "needs exactly one of at-most, at-least, below, above, fall-of-percent, rise-of-percent, fall-by, "
                "rise-by, found {found}",
                {"found": found},
            )
        return self

    @property
    def bar(self) -> str:
        """'at_most', 'fall_of_percent' …; nothing for ``both``."""
        return next((n for n in (*ABSOLUTE, *CHANGE) if getattr(self, n) is not None), "")

    @property
    def value(self) -> float:
        """The number of the bar."""
        return float(getattr(self, self.bar))

    @property
    def bars(self) -> tuple[Rule, ...]:
        """The single bars that it is made of."""
        return tuple(bar for rule in self.both for bar in rule.bars) or (self,)

    @property
    def instruments(self) -> tuple[str, ...]:
        """The instruments it needs, each once."""
        return tuple(dict.fromkeys(rule.instrument for rule in self.bars if rule.instrument))

    @property
    def needs_start(self) -> bool:
        """Whether the score at the start is needed: for every bar on a change."""
        return any(rule.bar in CHANGE for rule in self.bars)

    @property
    def id(self) -> str:
        """'salt-at-most-20', 'iga-at-most-1-and-iga-fall-by-2'."""
        made = (f"{r.instrument}-{r.bar.replace('_', '-')}-{_plain(r.value)}" for r in self.bars)
        return "-and-".join(part.replace(".", "-").replace("--", "-minus-") for part in made)

    def at_bar(self, value: float) -> Rule:
        """The same single bar at another height; it is what moves when a threshold moves."""
        return self.model_copy(update={self.bar: value})

    def words(self, instruments: Mapping[str, Instrument]) -> str:
        """As a reader would say it: 'SALT 20 or less', 'SALT lower than at the start by at least 50 %'."""
        return " and ".join(_bar_words(rule, instruments) for rule in self.bars)

    def verdict(self, start: Mapping[str, float | None], later: Mapping[str, float | None]) -> Verdict:
        """Did one person respond? Scores by instrument; a missing one gives 'not known'.

        A percentage change from a start of 0 does not exist, so the answer is 'not known' there.

        >>> rule = Rule.model_validate({"instrument": "salt", "fall-of-percent": 50})
        >>> rule.verdict({"salt": 61.6}, {"salt": 30.8})
        'yes'
        """
        found = {
            _verdict(rule, start.get(rule.instrument or ""), later.get(rule.instrument or "")) for rule in self.bars
        }
        if "no" in found:
            return "no"
        return "not known" if "not known" in found else "yes"


def _plain(value: float) -> str:
    return f"{value:g}"


def _verdict(rule: Rule, start: float | None, later: float | None) -> Verdict:
    if later is None or (rule.bar in CHANGE and start is None):
        return "not known"
    value, slack = rule.value, SLACK * max(abs(rule.value), abs(later), abs(start or 0.0))
    if rule.bar in ABSOLUTE:
        met = {
            "at_most": later <= value + slack,
            "at_least": later >= value - slack,
            "below": later < value - slack,
            "above": later > value + slack,
        }[rule.bar]
        return "yes" if met else "no"
    assert start is not None
    if rule.bar.endswith("percent") and start == 0:
        return "not known"
    change = start - later if rule.bar.startswith("fall") else later - start
    needed = value * abs(start) / 100 if rule.bar.endswith("percent") else value
    return "yes" if change >= needed - slack else "no"


def _bar_words(rule: Rule, instruments: Mapping[str, Instrument]) -> str:
    identifier = rule.instrument or ""
    instrument = instruments.get(identifier)
    name = instrument.called if instrument else identifier.replace("-", " ")
    unit = f" {instrument.unit}" if instrument and instrument.unit else ""
    value = f"{_plain(rule.value)}{'' if rule.bar.endswith('percent') else unit}"
    return {
        "at_most": f"{name} {value} or less",
        "at_least": f"{name} {value} or more",
        "below": f"{name} below {value}",
        "above": f"{name} above {value}",
        "fall_of_percent": f"{name} lower than at the start by at least {value} %",
        "rise_of_percent": f"{name} higher than at the start by at least {value} %",
        "fall_by": f"{name} lower than at the start by at least {value}{'' if unit else ' points'}",
        "rise_by": f"{name} higher than at the start by at least {value}{'' if unit else ' points'}",
    }[rule.bar]


def rule_of(instrument: str, threshold: Threshold) -> Rule:
    """The rule that a cut of an instrument stands for."""
    return Rule.model_validate({"instrument": instrument, threshold.rule: threshold.value})


class At(Typed):
    """Which visit is the follow-up: about ``weeks`` after the start, give or take ``within``.

    ``nearest`` takes the visit nearest to it (of two equally near, the later); ``last-observation`` takes the last
    one after the start and not after the end of the window, however early: the last observation carried forward.
    """

    weeks: Annotated[Number, Field(gt=0)]
    within: Annotated[Number, Field(ge=0)] = 0
    take: Literal["nearest", "last-observation"] = "nearest"

    def visits(self, weeks: tuple[float, ...]) -> Iterator[int]:
        """Positions of the visits that may serve, the one to be taken first."""
        inside = [
            (i, w)
            for i, w in enumerate(weeks)
            if 0 < w <= self.weeks + self.within and (self.take == "last-observation" or w >= self.weeks - self.within)
        ]
        if self.take == "last-observation":
            order = sorted(inside, key=lambda v: -v[1])
        else:
            order = sorted(inside, key=lambda v: (abs(v[1] - self.weeks), -v[1]))
        return (i for i, _ in order)

    @property
    def words(self) -> str:
        """'week 24, give or take 8; the nearest visit'."""
        about = f"week {self.weeks:g}" + (f", give or take {self.within:g}" if self.within else "")
        if self.take == "nearest":
            return about + ("; the nearest visit" if self.within else "")
        return f"{about}; the last visit up to then, carried forward"


__all__ = ["At", "Rule", "Verdict", "rule_of"]
