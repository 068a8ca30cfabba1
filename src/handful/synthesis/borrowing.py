"""What borrowing gives: the answer without it, the answer with it, and how much was borrowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from handful.base.language import language
from handful.base.notes import Note
from handful.base.wording import number_word
from handful.stats.bayes.posterior import NormalMixture, Posterior
from handful.stats.borrowed.meta_analytic_predictive import Conflict
from handful.stats.borrowed.mixtures import BetaMixture, GammaMixture
from handful.stats.results import NotEstimable

Conclusion: TypeAlias = Literal["above", "below", "unclear"]


@dataclass(frozen=True)
class Borrowed:
    """How much the target's answer gained, in ``unit`` (patients, person-time, or times the target's own information).

    ``elir`` and ``moment`` are the effective sample size of the posterior with borrowing less that without, by the two
    rules of :mod:`handful.stats.borrowed.effective_sample_size`; below 0 the source widened the answer.
    ``offered_elir`` and ``offered_moment`` are what the source's prior is worth by itself, before the target's data
    had their say.
    """

    unit: str
    elir: float | NotEstimable
    moment: float
    offered_elir: float | NotEstimable
    offered_moment: float | NotEstimable

    @property
    def by(self) -> str:
        """The rule behind ``amount``: ELIR, or moment where ELIR is infinite."""
        return "moment" if isinstance(self.elir, NotEstimable) else "ELIR"

    @property
    def amount(self) -> float:
        """The gain, by the rule ``by`` names."""
        return self.moment if isinstance(self.elir, NotEstimable) else self.elir

    def as_if(self, who: str = "patients", *, rule: bool = True) -> str:
        """'as if five more children had been seen (ELIR)'; a whole number, as seen patients are."""
        words = language()
        if self.unit != "patients":
            key = "person-time" if self.unit == "person-time" else "information"
            amount = f"{abs(self.amount):.3g}" if self.unit == "person-time" else f"{abs(self.amount):.2g}"
            said = words.text(f"as-if.{key}-{'more' if self.amount >= 0 else 'less'}", amount=amount)
            return words.text("as-if.by", said=said, by=self.by) if rule else said
        whole = round(self.amount)
        if whole < 0:
            fewer = {"many": number_word(-whole), "who": _one_of(who) if whole == -1 else who}
            return words.text("as-if.fewer-by", **fewer, by=self.by) if rule else words.text("as-if.fewer", **fewer)
        if whole > 1:
            said = words.text("as-if.more", many=number_word(whole), who=who)
        else:
            said = words.text("as-if.one-more", who=_one_of(who)) if whole else words.text("as-if.no-more", who=who)
        return words.text("as-if.by", said=said, by=self.by) if rule else said

    def __str__(self) -> str:
        elir = "not estimable" if isinstance(self.elir, NotEstimable) else f"{self.elir:.3g}"
        return f"ELIR {elir}, moment {self.moment:.3g} ({self.unit})"


def _one_of(who: str) -> str:
    """'child' of 'children', 'patient' of 'patients'."""
    key = f"as-if.one-of.{who}"
    return language().text(key) if language().has(key) else who.removesuffix("s")


@dataclass(frozen=True)
class SweepRow:
    """The answer at one strength of borrowing; ``posterior_weight`` is what the data left of the borrowed part."""

    setting: str
    weight: float
    estimate: float
    low: float
    high: float
    moment: float
    posterior_weight: float | NotEstimable
    above: float | NotEstimable

    def conclusion(self, certainty: float) -> Conclusion | NotEstimable:
        """On which side of the threshold the effect lies with this certainty."""
        if isinstance(self.above, NotEstimable):
            return self.above
        return "above" if self.above >= certainty else "below" if self.above <= 1 - certainty else "unclear"


@dataclass(frozen=True, eq=False)
class Borrowing:
    """The target's answer without borrowing (``without``, the headline) and with it (``with_``).

    Both are posteriors on the natural scale; ``.on("model")`` is the logit or log. ``map`` is the source's prediction
    as a mixture, for other programs and for people; ``map_numeric`` the exact one, which is what was used.
    ``divergence`` says how far the mixture is from it (nats).
    """

    method: str
    target: str
    source: str
    weight: float
    level: float
    without: Posterior
    with_: Posterior
    borrowed: Borrowed
    posterior_weight: float | NotEstimable
    conflict: Conflict | NotEstimable
    map: BetaMixture | GammaMixture | NormalMixture | NotEstimable
    map_numeric: Posterior | NotEstimable
    divergence: float | NotEstimable
    sweep: tuple[SweepRow, ...]
    threshold: float | None = None
    certainty: float = 0.95
    who: str = "patients"
    notes: tuple[Note, ...] = ()

    @property
    def estimate(self) -> float:
        """Posterior median **without** borrowing: the headline."""
        return self.without.median

    @property
    def low(self) -> float:
        """Lower limit without borrowing."""
        return self.without.interval(self.level)[0]

    @property
    def high(self) -> float:
        """Upper limit without borrowing."""
        return self.without.interval(self.level)[1]

    @property
    def robust(self) -> bool | NotEstimable:
        """Whether every strength of the sweep, no borrowing among them, gives the same conclusion."""
        found = self.conclusions
        return found if isinstance(found, NotEstimable) else len(set(found)) == 1

    @property
    def conclusions(self) -> tuple[Conclusion, ...] | NotEstimable:
        """The conclusion at every strength of the sweep: above, below or unclear."""
        found = [row.conclusion(self.certainty) for row in self.sweep]
        known = tuple(c for c in found if not isinstance(c, NotEstimable))
        if len(known) < len(found):
            return NotEstimable("a conclusion needs a threshold: give threshold= on the natural scale")
        return known

    @property
    def as_if(self) -> str:
        """What was borrowed, in a sentence's words: 'as if five more children had been seen (ELIR)'."""
        return self.borrowed.as_if(self.who)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, for JSON."""

        def plain(value: Any) -> Any:
            return str(value) if isinstance(value, NotEstimable) else value

        def three(posterior: Posterior) -> dict[str, float]:
            low, high = posterior.interval(self.level)
            return {"estimate": posterior.median, "low": low, "high": high}

        return {
            "method": self.method,
            "target": self.target,
            "source": self.source,
            "weight": self.weight,
            "level": self.level,
            "without": three(self.without),
            "with": three(self.with_),
            "borrowed": {
                "unit": self.borrowed.unit,
                "elir": plain(self.borrowed.elir),
                "moment": self.borrowed.moment,
                "offered_elir": plain(self.borrowed.offered_elir),
                "offered_moment": plain(self.borrowed.offered_moment),
                "as_if": self.as_if,
            },
            "posterior_weight": plain(self.posterior_weight),
            "conflict": plain(self.conflict) if isinstance(self.conflict, NotEstimable) else self.conflict.p,
            "map": str(self.map)
            if isinstance(self.map, BetaMixture | GammaMixture | NotEstimable)
            else "normal mixture",
            "divergence": plain(self.divergence),
            "sweep": [
                {
                    "setting": row.setting,
                    "weight": row.weight,
                    "estimate": row.estimate,
                    "low": row.low,
                    "high": row.high,
                    "moment": row.moment,
                    "posterior_weight": plain(row.posterior_weight),
                    "above": plain(row.above),
                }
                for row in self.sweep
            ],
            "threshold": self.threshold,
            "robust": plain(self.robust),
            "notes": [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes],
        }

    def __str__(self) -> str:
        def line(name: str, posterior: Posterior) -> str:
            low, high = posterior.interval(self.level)
            return f"{name:<26}{posterior.median:.3g} ({low:.3g} to {high:.3g})"

        out = [
            f"target {self.target}; source {self.source}",
            line("without borrowing", self.without),
            line(f"{self.method}, weight {self.weight:g}", self.with_) + f": {self.as_if}",
            f"{'borrowed':<26}{self.borrowed}",
        ]
        if isinstance(self.conflict, Conflict):
            out.append(f"{'source and target':<26}{self.conflict}")
        out += [f"  {row.setting:<24}{row.estimate:.3g} ({row.low:.3g} to {row.high:.3g})" for row in self.sweep]
        found = self.conclusions
        if not isinstance(found, NotEstimable):
            what = f"{found[0]} at every strength" if self.robust else ", ".join(found)
            out.append(f"{f'above {self.threshold:g}?':<26}{what} (certainty {self.certainty:g})")
        out += [f"{'note':<26}{note}" for note in self.notes]
        return "\n".join(out)
