"""The methods depth: the plan, every method with its paper, groups side by side, and what is pooled but no headline."""

from __future__ import annotations

from collections.abc import Callable

from handful.base.wording import (
    capital,
    count,
    decimal,
    level,
    p_value,
    percent,
    percent_range,
    plural,
    spoken,
)
from handful.site import links
from handful.site.site import Site
from handful.site.views import MethodBlock, MethodFact
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.synthesis import Comparison, GroupAnswer, Synthesis
from handful.words import names
from handful.words.language import told
from handful.words.sentences import comparison_name
from handful.words.vocabulary import METHODS, fixed, method_name


def method_blocks(site: Site, answer: Synthesis) -> tuple[MethodBlock, ...]:
    """Everything a statistician looks for."""
    blocks = [_question(site, answer), _plan(answer)]
    blocks += [_comparison(answer, compared) for compared in answer.main.comparisons]
    blocks += [
        _pooled(answer, group) for group in (*answer.main.groups, answer.main.overall) if len(group.count.rows) > 1
    ]
    return tuple(blocks)


def computed_names(answer: Synthesis) -> frozenset[str]:
    """Names of the numbers that only the methods tell."""
    return frozenset({names.POOLED, *(comparison_name(c) for c in answer.main.comparisons)})


def plan_in_short(answer: Synthesis) -> str:
    """The plan in one sentence."""
    return "; ".join(f"{line.name[:1].lower()}{line.name[1:]}: {line.value}" for line in _plan(answer).lines) + "."


def _question(site: Site, answer: Synthesis) -> MethodBlock:
    asked = answer.question
    records = site.review.records
    people = "; ".join(f"{spoken(k)}: {site.traits(k, v)}" for k, v in asked.people.items()) or "anyone"
    rule = asked.treatment
    treatments = ", ".join(records.treatment_name(t) for t in rule.ids)
    if rule.treatment_class:
        treatments = f"every treatment of the class {spoken(rule.treatment_class)}"
    window = asked.window
    parts = []
    if window.from_weeks is not None:
        parts.append(told("method.from-week", n=f"{window.from_weeks:g}"))
    if window.to_weeks is not None:
        parts.append(told("method.to-week", n=f"{window.to_weeks:g}"))
    if window.prefer_weeks is not None:
        parts.append(told("method.near-week", n=f"{window.prefer_weeks:g}"))
    unknown = "counts without a time are included and marked"
    if window.not_reported == "exclude":
        unknown = "counts without a time are left out"
    lines = [
        MethodFact("People", people),
        MethodFact("Treatment", treatments),
        MethodFact("Time", "; ".join([", ".join(parts) or "any time", unknown])),
        MethodFact("Designs", ", ".join(spoken(design) for design in asked.designs)),
    ]
    lines += [MethodFact(f"Accepted: “{records.definition(a.outcome).name}”", a.because) for a in asked.outcome.accepts]
    return MethodBlock("What is asked", "", tuple(lines))


def _plan(answer: Synthesis) -> MethodBlock:
    plan = answer.plan
    priors = [f"{name}: {_prior(value)}" for name, value in (("mean", plan.priors.mean), ("τ", plan.priors.tau))]
    lines = (
        _fact("Interval of a count", plan.interval, f"{level(plan.level)}, two-sided"),
        _fact("Difference of two groups", plan.difference, level(plan.level)),
        _fact("Test of two groups", plan.test, "two-sided"),
        _fact("Pooling", "bayes" if plan.model in ("default", "bayes") else plan.model, "; ".join(priors)),
        MethodFact("Number of people", "the first reported of: " + ", ".join(spoken(k) for k in plan.denominator)),
    )
    return MethodBlock("The plan, fixed before the answer", "", lines)


def _prior(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{spoken(k)} ({', '.join(f'{n:g}' for n in v)})" for k, v in value.items())
    return str(value)


def _fact(name: str, code: str, note: str) -> MethodFact:
    method = METHODS.get(code)
    doi = method.doi if method else ""
    return MethodFact(name, capital(method_name(code)), note, doi, links.doi(doi) if doi else "")


def _comparison(answer: Synthesis, c: Comparison) -> MethodBlock:
    first, second = answer.main.group(c.first), answer.main.group(c.second)
    assert first is not None
    assert second is not None
    a, b = first.count, second.count
    counts = told("method.counts", first=count(a.events, a.total), second=count(b.events, b.total))
    lines = (
        MethodFact("Counts", counts, told("method.different-people")),
        MethodFact(
            "Difference of the rates",
            difference_words(c.difference),
            f"first less second; {method_name(answer.plan.difference)}",
        ),
        MethodFact(
            "Exact p-value", _or_reason(c.p_value, p_value), f"{method_name(c.test)}; groups were not randomised"
        ),
        MethodFact(
            "P(first rate > second rate)",
            probability_words(c.greater),
            prior_of_probability(c.greater_prior),
        ),
    )
    title = f"{capital(a.name)} and {b.name} side by side"
    return MethodBlock(title, fixed("not-a-headline"), lines, anchor=comparison_name(c))


def difference_words(difference: Interval | NotEstimable) -> str:
    """'25.0 percentage points (−35.5 to 72.0)'."""
    if isinstance(difference, NotEstimable):
        return capital(difference.reason)
    points = [decimal(100 * float(v), 1) for v in (difference.estimate, difference.low, difference.high)]
    return told("method.difference", estimate=points[0], low=points[1], high=points[2])


def probability_words(value: float | NotEstimable) -> str:
    """'0.84', or why there is none."""
    return _or_reason(value, lambda v: decimal(v, 2))


def prior_of_probability(code: str) -> str:
    """The prior of P(first > second), named."""
    return told(f"prior.{code}")


def _or_reason(value: float | NotEstimable, words: Callable[[float], str]) -> str:
    return capital(value.reason) if isinstance(value, NotEstimable) else words(value)


def _pooled(answer: Synthesis, group: GroupAnswer) -> MethodBlock:
    who = capital(told("group.everything")) if group.id == "overall" else capital(group.count.name)
    label = "" if group.pooled_headline else fixed("not-a-headline")
    lines = [
        *_fit("Likelihood", group.likelihood),
        *_fit("Posterior", group.posterior),
    ]
    behind = {"studies": plural(len(group.count.studies), "study")}
    why = told("method.what-pooled", **behind, definitions=plural(len(group.count.definitions), "definition"))
    lines.insert(0, MethodFact("What is pooled", count(group.count.events, group.count.total), why))
    anchor = names.POOLED if group.id == "overall" else ""
    return MethodBlock(f"{who}, pooled over studies", label, tuple(lines), anchor=anchor)


def _fit(name: str, fit: Fit | NotEstimable) -> list[MethodFact]:
    if isinstance(fit, NotEstimable):
        return [MethodFact(name, "not estimable", fit.reason)]
    for end in (fit.estimate, fit.low, fit.high):
        if isinstance(end, NotEstimable):
            return [MethodFact(name, "not estimable", end.reason)]
    estimate, low, high = (float(v) for v in (fit.estimate, fit.low, fit.high) if not isinstance(v, NotEstimable))
    who = told("cell.people-list", n=f"{fit.people:g}")
    behind = told("method.people", people=who, arms=plural(fit.k, "arm"))
    value = told("cell.percent-of-people", percent=percent(estimate), range=percent_range(low, high), people=who)
    lines = [_fact_of_fit(name, fit, value, behind)]
    if not isinstance(fit.tau2, NotEstimable):
        spread = told("method.tau", value=decimal(float(fit.tau2) ** 0.5, 2))
        lines.append(MethodFact(f"{name}: spread between studies", spread))
    if isinstance(fit.prediction, Interval):
        wide = told("method.of-people", range=percent_range(float(fit.prediction.low), float(fit.prediction.high)))
        lines.append(MethodFact(f"{name}: in another study", wide, told("method.range-from", people=behind)))
    return lines


def _fact_of_fit(name: str, fit: Fit, value: str, people: str) -> MethodFact:
    method = METHODS.get(fit.model)
    doi = method.doi if method else ""
    note = f"{method_name(fit.model)}, {level(fit.level)}; {people}"
    return MethodFact(f"{name}: average rate", value, note, doi, links.doi(doi) if doi else "")
