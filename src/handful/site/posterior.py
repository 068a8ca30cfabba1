"""Posterior rates drawn as hills: of each group, and of what one group borrows from another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.wording import capital, count, decimal, range_per_100
from handful.site import links
from handful.site.forest import interval_plot, share_axis
from handful.site.methods import prior_of_probability, probability_words
from handful.site.site import Site
from handful.site.views import Link, MethodBlock, MethodFact
from handful.site.views.posterior import (
    Hill,
    HillRow,
    HillTable,
    PassRow,
    PassTable,
    PosteriorPage,
    PosteriorPart,
    PriorRow,
    PriorTable,
)
from handful.stats.bayes.better import probability_better
from handful.stats.bayes.posterior import Posterior
from handful.stats.results import NotEstimable
from handful.synthesis.borrowing import Borrowing
from handful.synthesis.posterior_types import GroupPosterior, PlannedBorrowing
from handful.synthesis.synthesis import Comparison, Synthesis
from handful.words import posteriors as words
from handful.words.language import told as phrase
from handful.words.sentences import called
from handful.words.vocabulary import fixed

FloatArray: TypeAlias = npt.NDArray[np.float64]

COLUMNS = 50
"""A hill is drawn in columns of 2 in 100 each; a column's height is the probability that the rate lies in it."""


def posterior_part(site: Site, answer: Synthesis, root: str) -> PosteriorPart | None:
    """The hills of a question, or None where no group has a rate."""
    found = [p for p in answer.posteriors if not isinstance(p.rate, NotEstimable)]
    if not found and answer.plan.borrow is None:  # what a plan asks for is missing with its reason
        return None
    shown = tuple(p for p in answer.posteriors if p.id != "overall" or p.studies > 1 or len(answer.posteriors) == 1)
    intro = [words.hill_words(answer.plan.level)]
    if any(p.studies == 1 for p in found):
        intro.append(words.before_the_count(several=False))
    if any(p.studies > 1 for p in found):
        intro.append(words.before_the_count(several=True))
    borrowed, said = _borrowed(answer)
    return PosteriorPart(
        rates=HillTable(
            "Which true rates fit the counts", ("Who", "Count", "Rate"), tuple(_rate_row(p) for p in shown)
        ),
        borrowed=borrowed,
        intro=tuple(intro),
        borrowing=said,
        more=Link("Posterior rates, drawn, with other priors", root + links.posterior(answer.question.id)),
    )


def posterior_page(site: Site, answer: Synthesis) -> PosteriorPage | None:
    """The page of all posteriors of a question."""
    part = posterior_part(site, answer, "../")
    if part is None:
        return None
    title = f"Posterior rates: {answer.question.title}"
    return PosteriorPage(
        page=site.page(links.posterior(answer.question.id), title, heading="Posterior rates"),
        back=Link(answer.question.title, f"../{links.question(answer.question.id)}"),
        axis=share_axis(),
        part=part,
        blocks=tuple(_blocks(answer)),
        priors=tuple(_prior_table(p) for p in answer.posteriors if p.under and (p.id != "overall" or p.studies > 1)),
        passing=_passing(answer),
    )


BARS = (10, 20, 30, 50, 75)
"""Of 100 people; the bars of the table. A reader may try every other whole number."""


def _passing(answer: Synthesis) -> PassTable | None:
    """How likely each rate is above a bar, by the hills drawn; made for every bar beforehand, for the slider."""
    rows = []
    for p in answer.posteriors:
        if isinstance(p.rate, NotEstimable) or (p.id == "overall" and p.studies < 2 and len(answer.posteriors) > 1):
            continue
        above = [chance(1.0 - float(below)) for below in np.asarray(p.rate.cdf(np.linspace(0.0, 1.0, 101)))]
        name = "All together" if p.id == "overall" else capital(p.name)
        rows.append(
            PassRow(name, count(p.events, p.total), tuple(above[bar] for bar in BARS), " ".join(above), p.prior)
        )
    return PassTable(BARS, 30, tuple(rows)) if rows else None


def chance(probability: float) -> str:
    """'0.45'; never 0 or 1 where it is neither."""
    if 0.0 < probability < 0.005:
        return "<0.01"
    return ">0.99" if 0.995 <= probability < 1.0 else decimal(min(1.0, max(0.0, probability)), 2)


# --- hills ------------------------------------------------------------------------------------------------------------


def heights(rate: Posterior) -> FloatArray:
    """Probability of each column, from the distribution function: finite even where the density is not."""
    at = np.asarray(rate.cdf(np.linspace(0.0, 1.0, COLUMNS + 1)))
    return np.maximum(np.diff(at), 0.0)


def hill_path(found: FloatArray, top: float) -> str:
    """Columns as one path in a box of 50 × 100, heights as whole numbers; equal neighbours become one."""
    y = [100 - round(97 * float(h) / top) for h in found]
    path, run = f"M0 100V{y[0]}", 1
    for before, now in zip(y, [*y[1:], None], strict=True):
        if now == before:
            run += 1
            continue
        path += f"h{run}V{100 if now is None else now}"
        run = 1
    return path + "z"


def _hill(title: str, description: str, rate: Posterior, level: float, top: float | None = None) -> Hill:
    low, high = rate.interval(level)
    found = heights(rate)
    plot = interval_plot(title, description, (rate.median, low, high), (0, 1))
    path = hill_path(found, float(found.max()) if top is None else top)
    return Hill(title, description, path, plot.low, plot.width, plot.point)


def _rate_row(found: GroupPosterior) -> HillRow:
    name = capital(phrase("group.everything")) if found.id == "overall" else capital(found.name)
    hill = None
    if not isinstance(found.rate, NotEstimable):
        hill = _hill(*words.rate_described(found), found.rate, found.level)
    number = count(found.events, found.total) if found.total else "–"
    return HillRow(name, words.studies_behind(found) if found.studies else "", number, hill, words.rate_words(found))


def _borrowed(answer: Synthesis) -> tuple[HillTable | None, tuple[str, ...]]:
    """The table of borrowing with what must be said of it; why there is none where the plan asked for one."""
    if answer.plan.borrow is None:
        return None, ()
    found = answer.borrowing
    if isinstance(found, NotEstimable):
        return None, (f"The plan asks for borrowing; there is none: {found.reason}.",)
    source, target = _name(answer, found.source), _name(answer, found.target)
    rates = [found.without, *(step.with_ for step in found.steps)]
    top = max(float(heights(rate).max()) for rate in rates)
    level = found.steps[0].level
    low, high = found.without.interval(level)
    alone = HillRow(
        f"{capital(called(target))} alone", "nothing borrowed", "–",
        _hill(f"{capital(called(target))} alone", f"{range_per_100(low, high)}", found.without, level, top),
        range_per_100(low, high),
    )  # fmt: skip
    rows = (alone, *(_step_row(step, source, target, top) for step in found.steps))
    columns = ("Borrowed", f"As if more {target} had been seen", "Rate")
    table = HillTable(
        f"{capital(target)}, with {source} borrowed", columns, rows, hill_path(heights(found.without), top)
    )
    said = (
        words.borrowing_words(source, target),
        f"Why it is shown: {found.because}.",
        words.as_if_words(found.steps[-1], source, target),
    )
    return table, said


def _step_row(step: Borrowing, source: str, target: str, top: float) -> HillRow:
    hill = _hill(*words.step_described(step, source, target), step.with_, step.level, top)
    low, high = step.with_.interval(step.level)
    return HillRow(words.step_label(step), "", words.patients_borrowed(step), hill, range_per_100(low, high))


def _name(answer: Synthesis, group: str) -> str:
    found = answer.main.group(group)
    return found.count.name if found else group


# --- methods ----------------------------------------------------------------------------------------------------------


def _blocks(answer: Synthesis) -> Sequence[MethodBlock]:
    blocks = [_method(answer)]
    blocks += [b for c in answer.main.comparisons if (b := _greater(answer, c)) is not None]
    if isinstance(answer.borrowing, PlannedBorrowing):
        blocks.append(_borrowing_method(answer.borrowing))
    return blocks


def _method(answer: Synthesis) -> MethodBlock:
    lines = [
        MethodFact(
            f"{capital(phrase('group.everything')) if p.id == 'overall' else capital(p.name)}",
            phrase("hill-row.middle", rate=count(p.events, p.total), **_three(p.rate, p.level)),
            f"prior: {p.prior}",
        )
        for p in answer.posteriors
        if not isinstance(p.rate, NotEstimable)
    ]
    return MethodBlock("Each rate, with its prior", "", tuple(lines))


def _three(rate: Posterior, level: float) -> dict[str, str]:
    """Middle and limits, for a cell."""
    low, high = rate.interval(level)
    return {"middle": decimal(rate.median, 3), "low": decimal(low, 3), "high": decimal(high, 3)}


def _greater(answer: Synthesis, c: Comparison) -> MethodBlock | None:
    """P(first > second) of the hills drawn, and with the plan's own prior; never a headline."""
    first, second = answer.posterior(c.first), answer.posterior(c.second)
    if first is None or second is None or isinstance(first.rate, NotEstimable) or isinstance(second.rate, NotEstimable):
        return None
    drawn = probability_better(first.rate, second.rate)
    same = "" if first.prior == second.prior else f"; {second.name}: {second.prior}"
    lines = (
        MethodFact("Of the hills drawn", probability_words(drawn), f"prior: {first.prior}{same}"),
        MethodFact(
            "Of the sums, with the plan's prior", probability_words(c.greater), prior_of_probability(c.greater_prior)
        ),
    )
    title = f"P(rate in {called(first.name)} > rate in {called(second.name)})"
    return MethodBlock(title, fixed("not-a-headline"), lines)


def _borrowing_method(found: PlannedBorrowing) -> MethodBlock:
    """How it was borrowed, and what the data left of each strength."""
    lines = [
        MethodFact(
            "Method", "robust meta-analytic-predictive prior", "", "10.1111/biom.12242", links.doi("10.1111/biom.12242")
        )
    ]
    for step in found.steps:
        after = step.posterior_weight
        left = "" if isinstance(after, NotEstimable) else f"; after the data {decimal(after, 2)}"
        value = phrase("hill-row.spread", **_three(step.with_, step.level))
        lines.append(
            MethodFact(
                f"Weight {step.weight:g}{left}",
                value,
                phrase(
                    "hill-row.borrowed-people",
                    n=decimal(step.borrowed.amount, 2),
                    rule=step.borrowed.by,
                    moment=decimal(step.borrowed.moment, 2),
                ),
            )
        )
    first = found.steps[0]
    lines.append(MethodFact("Source and target", capital(str(first.conflict)), ""))
    lines += [MethodFact(capital(note.code.replace("-", " ")), note.text) for note in first.notes]
    return MethodBlock("Borrowing", fixed("not-a-headline"), tuple(lines))


def _prior_table(found: GroupPosterior) -> PriorTable:
    name = capital(phrase("group.everything")) if found.id == "overall" else capital(found.name)
    rows = []
    for under in found.under:
        said = f"{range_per_100(under.low, under.high)}"
        plot = interval_plot(f"{name}, prior {under.prior}", said, (under.median, under.low, under.high), (0, 1))
        rows.append(PriorRow(under.prior, plot, said))
    return PriorTable(f"{name}, {count(found.events, found.total)}, with other priors", tuple(rows))
