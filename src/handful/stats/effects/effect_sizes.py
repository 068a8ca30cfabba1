"""Effect sizes with their sampling variances, from counts, times, means and correlations: ``hf.effect_sizes``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError, UnknownChoice
from handful.base.notes import Note
from handful.stats.effects.effect_rows import KINDS, Asked, Rows, rows_of
from handful.stats.effects.measures import measure as find_measure
from handful.stats.effects.measures import measures_for
from handful.stats.evidence import Estimates
from handful.stats.one_group.transforms import TO

FloatArray: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

_NAMED = 50  # so many studies get a note of their own; more share one that lists them
_CODES = {
    "nobody": "a group has nobody, or no time",
    "same-in-both": "no event, or no non-event, in both groups: dropped, as asked (drop00)",
    "variance-negative": "the unbiased estimate of its variance is below 0",
    "not-finite": "the effect or its variance is not a finite number",
}


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Rows of the evidence that have no effect size, and why: ``rows`` are positions from 0, ``labels`` their names."""

    code: str
    reason: str
    rows: npt.NDArray[np.int64]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class EffectSizes:
    """Effects ``yi`` with sampling variances ``vi`` on the model scale (log for ratios), one for each study that has
    one.

    ``rows[j]`` is the position (from 0) in the evidence of the study in place j; ``excluded`` lists the studies that
    have no effect size, by reason, and ``notes`` says the same in sentences, with what was added to which counts.
    ``vtype`` names the variance; ``corrected`` says if bias was taken out (None: the measure has no such choice);
    ``people`` is the number of people behind each, None where time is counted. Nothing here is NaN or infinite; a
    variance may be 0 (0 of 5 against 0 of 7 has a risk difference of 0 with variance 0): such a study cannot be
    weighted, is named in ``notes``, and is not in ``estimates()``.
    """

    yi: FloatArray
    vi: FloatArray
    labels: tuple[str, ...]
    measure: str
    vtype: str
    corrected: bool | None
    rows: npt.NDArray[np.int64]
    of: int
    people: FloatArray | None
    excluded: tuple[LeftOut, ...]
    notes: tuple[Note, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def se(self) -> FloatArray:
        """Standard errors, the square roots of ``vi``."""
        return np.asarray(np.sqrt(self.vi), dtype=np.float64)

    def estimates(self) -> Estimates:
        """What ``hf.pool`` takes: the studies whose variance is above 0, with the measure, their places, the notes."""
        usable = self.vi > 0
        yi, vi, rows = (_frozen(column[usable]) for column in (self.yi, self.vi, self.rows))
        names = self.labels if usable.all() else tuple(self.labels[i] for i in np.flatnonzero(usable))
        return Estimates(yi, vi, names, self.measure, rows, self.of, self.notes)

    def aligned(self) -> tuple[np.ma.MaskedArray[Any, Any], np.ma.MaskedArray[Any, Any]]:
        """yi and vi with a place for every row of the evidence, masked where there is no effect size."""
        columns = []
        for values in (self.yi, self.vi):
            column = np.ma.MaskedArray(np.zeros(self.of), mask=np.ones(self.of, dtype=bool))
            column[self.rows] = values
            columns.append(column)
        return columns[0], columns[1]

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        from handful.stats.fit_text import plain

        people = None if self.people is None else plain(self.people)
        out: dict[str, Any] = {"measure": self.measure, "vtype": self.vtype, "corrected": self.corrected, "of": self.of}
        out |= {"labels": list(self.labels), "yi": plain(self.yi), "vi": plain(self.vi), "people": people}
        out["excluded"] = [
            {"code": e.code, "reason": e.reason, "rows": e.rows.tolist(), "labels": list(e.labels)}
            for e in self.excluded
        ]
        return out | {"notes": [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes]}

    def to_frame(self) -> Any:
        """Study, yi, vi and se: a pandas DataFrame, or a list of dicts where pandas is absent."""
        columns = {"study": list(self.labels), "yi": self.yi, "vi": self.vi, "se": self.se}
        try:
            import pandas
        except ImportError:
            return self._table(len(self))
        return pandas.DataFrame(columns)

    def __str__(self) -> str:
        shown = min(len(self), 20)
        lines = [self._headline(), str(self._table(shown))]
        if shown < len(self):
            lines.append(f"… and {len(self) - shown} more")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes[:20])])

    def _repr_html_(self) -> str:
        from html import escape

        from handful.stats.fit_text import number

        rows = "".join(
            f'<tr><th scope="row">{escape(str(row["study"]))}</th>'
            + "".join(f"<td>{number(row[name])}</td>" for name in ("yi", "vi", "se"))
            + "</tr>"
            for row in self._table(min(len(self), 20))
        )
        head = "".join(f'<th scope="col">{name}</th>' for name in ("study", "yi", "vi", "se"))
        notes = "".join(f"<p>{escape(str(note))}</p>" for note in self.notes[:20])
        caption = f"<caption>{escape(self._headline())}</caption>"
        return f'<table class="handful-fit">{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{notes}'

    def _headline(self) -> str:
        words = find_measure(self.measure).words
        return f"{self.measure} ({words}), variance {self.vtype}: {len(self)} of {self.of} studies"

    def _table(self, shown: int) -> Any:
        from handful.stats.fit_text import Rows as Table

        columns = (self.labels[:shown], self.yi[:shown].tolist(), self.vi[:shown].tolist(), self.se[:shown].tolist())
        return Table(dict(zip(("study", "yi", "vi", "se"), row, strict=True)) for row in zip(*columns, strict=True))


def effect_sizes(
    evidence: Any,
    measure: str | None = None,
    *,
    add: float = 0.0,
    to: str = "only0",
    drop00: bool = False,
    vtype: str | None = None,
    correct: bool | None = None,
    standardiser: str = "sd1",
) -> EffectSizes:
    """Effects and sampling variances of every study, on the model scale.

    ``evidence``: what ``hf.two_arms``, ``hf.two_arm_rates``, ``hf.two_means``, ``hf.one_arm``, ``hf.one_arm_rates``,
    ``hf.one_mean``, ``hf.correlations`` or ``hf.pre_post`` made. ``measure``, by the field's code (the first is the
    default): two groups OR RR RD AS PETO PHI ZPHI YUQ YUY RTET PBIT OR2DL OR2DN; rates IRR IRD IRSD; means MD SMD SMDH
    SMD1 SMD1H ROM CVR VR RPB D2ORL D2ORN; correlations ZCOR COR UCOR; one group PLO PR PLN PRZ PAS PFT, IRLN IR IRS
    IRFT, MN MNLN SMN SDLN CVLN; measured twice MC SMCC SMCR SMCRH SMCRP SMCRPH ROMC CVRC VRC. The formulas stand in the
    modules ``effect_two_by_two``, ``effect_rates``, ``effect_means``, ``effect_correlations``, ``transforms``,
    ``effect_one_group`` and ``effect_prepost``, and in docs/methods/effect-sizes.md.

    *Counts stay counts*: ``add`` is 0. A study whose effect or variance is then infinite or undefined (a log odds ratio
    with an empty cell) is left out, listed in ``excluded`` and named in ``notes``; ``hf.pool`` on the counts themselves
    needs no such thing. Other people's corrections by name: ``add=0.5, to="only0"`` adds ½ to every cell of studies
    with an empty cell, ``"if0all"`` to all studies if one has an empty cell, ``"all"`` to all, ``"none"`` to none;
    ``drop00=True`` leaves out two-group studies where nobody, or everybody, had the event. Always said in ``notes``.

    ``vtype`` names the variance (LS: the usual large-sample one; UB unbiased; AV from averages over the studies; HO one
    standard deviation; see the modules). ``correct`` takes the small-sample bias out: yes for standardised effects and
    ratios of spread, no for the ratio of means (its correction is an estimate from the same few people).
    ``standardiser="sd2"`` makes SMCR and SMCRH divide by the second measurement's standard deviation.

    Errors: ``UnknownChoice`` for a measure of another kind of evidence, ``InputError`` for options that the measure has
    no use for. One call takes a million rows.

    >>> from handful.stats.evidence import two_arms
    >>> es = effect_sizes(two_arms([4, 0], [12, 10], [9, 3], [12, 11], labels=["A", "B"]), "OR")
    >>> es.labels, es.yi.round(3).tolist()
    (('A',), [-1.792])
    >>> print(es.notes[0])
    B: 0 of 10 against 3 of 11: the effect or its variance is not a finite number (OR); left out
    """
    kind = type(evidence).__name__
    if kind not in KINDS:
        raise InputError(
            f"effect_sizes cannot take {kind}",
            hint="make the evidence with hf.two_arms, two_arm_rates, two_means, one_arm, one_arm_rates, one_mean, "
            "correlations or pre_post; hf.estimates are effect sizes already",
        )
    asked = _asked(kind, measure, add, to, drop00, vtype, correct, standardiser)
    rows = rows_of(evidence)
    dropped = rows.same & ~rows.nobody if drop00 and rows.same is not None else np.zeros(len(evidence), dtype=bool)
    y, v, changed = rows.effects(asked, dropped)
    usable = np.isfinite(y) & np.isfinite(v) & (v >= 0)
    negative = np.isfinite(y) & (v < 0)
    codes = {
        "nobody": rows.nobody,
        "same-in-both": dropped,
        "variance-negative": negative,
        "not-finite": ~(usable | rows.nobody | dropped | negative),
    }
    labels = evidence.labels
    excluded = tuple(_left_out(code, mask, labels) for code, mask in codes.items() if mask.any())
    everything = bool(usable.all())
    kept = np.flatnonzero(usable).astype(np.int64)
    return EffectSizes(
        yi=_frozen(y[usable]),
        vi=_frozen(v[usable]),
        labels=labels if everything else tuple(labels[i] for i in kept),
        measure=asked.measure.code,
        vtype=asked.vtype,
        corrected=None if asked.measure.correct is None else asked.correct,
        rows=_frozen(kept),
        of=len(evidence),
        people=None if rows.people is None else _frozen(rows.people[usable]),
        excluded=excluded,
        notes=(*_said_left_out(excluded, rows, asked), *_said_otherwise(rows, asked, changed, usable, v, labels)),
    )


def _asked(
    kind: str,
    code: str | None,
    add: float,
    to: str,
    drop00: bool,
    vtype: str | None,
    correct: bool | None,
    standardiser: str,
) -> Asked:
    allowed = measures_for(kind)
    chosen = find_measure(allowed[0] if code is None else code)
    if chosen.code not in allowed:
        raise UnknownChoice(f"{kind} measure", code, allowed)
    if to not in TO:
        raise UnknownChoice("to", to, TO)
    if not isinstance(add, (int, float)) or isinstance(add, bool) or not (np.isfinite(add) and add >= 0):
        raise InputError(f"add={add!r} is not a number of at least 0")
    counted = kind in ("OneArm", "OneArmRates", "TwoArms", "TwoArmRates")
    if add > 0 and not counted:
        raise InputError(f"add={add:g}: there is no count to add to in {chosen.code}", hint="leave add= away")
    if drop00 and kind not in ("TwoArms", "TwoArmRates"):
        raise InputError("drop00=True is about two groups without events", hint="leave drop00= away")
    if vtype is not None and vtype not in chosen.variances:
        raise UnknownChoice(f"{chosen.code} vtype", vtype, chosen.variances)
    if correct is not None and chosen.correct is None and correct:
        raise InputError(f"correct=True: {chosen.code} has no bias correction", hint="leave correct= away")
    if standardiser not in ("sd1", "sd2"):
        raise UnknownChoice("standardiser", standardiser, ("sd1", "sd2"))
    if standardiser == "sd2" and chosen.code not in ("SMCR", "SMCRH"):
        raise InputError(f"standardiser='sd2': {chosen.code} has no such choice", hint="it is for SMCR and SMCRH")
    taken_out = bool(chosen.correct) if correct is None else bool(correct)
    return Asked(chosen, vtype or chosen.variances[0], taken_out, float(add), to, bool(drop00), standardiser)


def _left_out(code: str, mask: Mask, labels: tuple[str, ...]) -> LeftOut:
    rows = np.flatnonzero(mask).astype(np.int64)
    return LeftOut(code, _CODES[code], _frozen(rows), tuple(labels[i] for i in rows))


def _said_left_out(excluded: tuple[LeftOut, ...], rows: Rows, asked: Asked) -> list[Note]:
    notes = []
    for group in excluded:
        why = f"{group.reason} ({asked.measure.code}); left out"
        if len(group) <= _NAMED:
            notes += [
                Note("study-left-out", f"{rows.say(rows.columns, int(i))}: {why}", name)
                for i, name in zip(group.rows, group.labels, strict=True)
            ]
        else:
            notes.append(Note("studies-left-out", f"{len(group)} studies: {why}: {_names(group.labels)}"))
    return notes


def _said_otherwise(
    rows: Rows, asked: Asked, changed: Mask, usable: Mask, v: FloatArray, labels: tuple[str, ...]
) -> list[Note]:
    notes = []
    if asked.add > 0 and asked.to != "none":
        which = [labels[i] for i in np.flatnonzero(changed)]
        where = {
            "only0": "only studies with an empty cell",
            "if0all": "all studies if one has an empty cell",
            "all": "all studies",
        }[asked.to]
        number = f"{len(which)} {'study' if len(which) == 1 else 'studies'}"
        whom = f"to {number}: {_names(which)}" if which else "to none, for none needed it"
        text = f"{asked.add:g} was added to {rows.cells} ({where}, as asked), {whom}"
        notes.append(Note("continuity-correction", text))
    zero = np.flatnonzero(usable & (v == 0))
    if zero.size:
        text = f"variance 0 says nothing about precision; not in estimates(): {_names([labels[i] for i in zero])}"
        notes.append(Note("variance-zero", text))
    if asked.vtype in ("AV", "AVHO") and asked.measure.code != "ZCOR":
        notes.append(Note("variance-average", "each variance uses averages over all studies, so they share it"))
    if asked.measure.code in ("SMCR", "SMCRH"):
        which_sd = {"sd1": "first", "sd2": "second"}[asked.standardiser]
        text = f"the change is divided by the standard deviation of the {which_sd} measurement"
        notes.append(Note("standardiser", text))
    return notes


def _names(labels: list[str] | tuple[str, ...]) -> str:
    if len(labels) <= _NAMED:
        return ", ".join(labels)
    return ", ".join(labels[:_NAMED]) + f" and {len(labels) - _NAMED} more, all in .excluded or .rows"


def _frozen(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    values.setflags(write=False)
    return values
