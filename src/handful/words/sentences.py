"""What may be said of counts: groups, their sums, groups side by side, case reports. No sentence says more.

Fewer than 20 people: never a percentage, the count. None of n says what the rate could still be, as all of n does.
One-arm counts are described; they compare nothing and give no cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from handful.base.wording import (
    capital,
    count,
    counted,
    difference_per_100,
    grouped,
    human_list,
    number_word,
    people,
    plural,
    range_per_100,
    share_in,
)
from handful.counts.rows import CaseCounts, CountRow
from handful.stats.results import Fit, NotEstimable
from handful.synthesis.posteriors import NO_RATE
from handful.synthesis.synthesis import Comparison, GroupAnswer, SetAnswer, Synthesis
from handful.words import names
from handful.words.designs import COMPARED
from handful.words.language import language, told
from handful.words.language import say as say_phrase
from handful.words.rates import rate_sentence
from handful.words.sentence import Number, Sentence, joined_by_space, listed, say


def is_people_noun(name: str) -> bool:
    """Whether “among” may stand before the name of a group."""
    return name.split(" ")[0] in language().words("group.nouns")


def where(answer: GroupAnswer) -> str:
    """'among adults', 'in the group “all with dermatitis”', 'in all'."""
    if answer.id == "overall":
        return told("group.all")
    name = answer.count.name
    return told("group.among" if is_people_noun(name) else "group.in", name=name)


def among(answer: GroupAnswer) -> str:
    """'among adults,', 'in all,': before a count."""
    return told("group.opening", where=where(answer))


def called(name: str) -> str:
    """'adults', 'the group “all with dermatitis”': inside a sentence."""
    return name if is_people_noun(name) else told("group.called", name=name)


def group_sentence(answer: GroupAnswer, outcome: str, *, name: str) -> Sentence:
    """'Among adults, 1 of 4 had “…”; the true rate could be anything from fewer than 1 to 81 in 100.'"""
    if not answer.count.rows:
        return say_phrase("counted.nobody", who=capital(among(answer)), outcome=outcome)
    interval = None if rate_limits(answer) is None else answer.interval
    return rate_sentence(
        answer.count.events, answer.count.total, interval, who=among(answer), outcome=outcome, name=name,
        language=language(), about=worked_back(answer),
    )  # fmt: skip


def worked_back(answer: GroupAnswer) -> bool:
    """Whether a count among those of the group was worked back from a percentage, so that it is only about right."""
    return any(row.events is not None and row.events.origin.how == "back-calculated" for row in answer.count.rows)


def counted_of(answer: GroupAnswer) -> str:
    """'1 of 4', 'none of 4'; 'about 77 of 92' where a count was worked back from a percentage (W11)."""
    words = counted(answer.count.events, answer.count.total)
    return told("numbers.about", count=words) if worked_back(answer) else words


def could_be_words(answer: GroupAnswer, limits: tuple[float, float]) -> str:
    """'The true rate could be fewer than 1 to 81 in 100'; none and all say first how far they leave it open."""
    span = range_per_100(*limits)
    if answer.count.events == 0:
        return told("counted.none-yet", high=share_in(limits[1]), range=span)
    if answer.count.events == answer.count.total:
        return told("counted.all-yet", low=share_in(limits[0]), range=span)
    return told("counted.could-be", range=span)


def rate_limits(answer: GroupAnswer) -> tuple[float, float] | None:
    """The interval's ends, or None where there is none, or where the counts are no rate."""
    interval = answer.interval
    if isinstance(interval, NotEstimable) or any(row.design in NO_RATE for row in answer.count.rows):
        return None
    return float(interval.low), float(interval.high)


def interval_per_100(answer: GroupAnswer) -> str:
    """'fewer than 1 to 81 in 100', or that there is none."""
    limits = rate_limits(answer)
    return range_per_100(*limits) if limits else told("counted.no-interval")


def in_a_row(parts: Sequence[Sentence]) -> Sentence:
    """'a; b', 'a; b; and c'."""
    if len(parts) < 3:
        return say(*parts) if len(parts) < 2 else say(parts[0], "; ", parts[1])
    made = parts[0]
    for part in parts[1:-1]:
        made = say(made, "; ", part)
    return say(made, f"; {told('numbers.and')} ", parts[-1])


def span_of(group: GroupAnswer, *, again: bool = False) -> Sentence:
    """' (the true rate could be fewer than 1 to 81 in 100)'; ``again``, after another one, the numbers alone."""
    limits = rate_limits(group)
    if limits is None:
        return say_phrase("counted.span-unknown")
    return say_phrase(
        "counted.span-again" if again else "counted.span", range=Number(range_per_100(*limits), names.group(group.id))
    )


def added_sentence(answer: GroupAnswer, *, name: str) -> Sentence:
    """'Added up over 2 studies, 1 of 8 (fewer than 1 to 53 in 100). This only adds up …'"""
    limits = rate_limits(answer)
    over = plural(len(answer.count.studies), "study")
    if len(answer.count.studies) == 1:
        over = told("added.arms", arms=len(answer.count.rows))
    return say_phrase(
        "added.studies",
        over=over,
        count=Number(count_of(answer), name),
        span=say_phrase("added.span", range=Number(range_per_100(*limits), name)) if limits else "",
    )


def mixed_definitions_sentence(answer: GroupAnswer, definition_names: Sequence[str]) -> Sentence:
    """The warning that a sum counts different definitions as one; empty where it does not."""
    if not answer.mixes_definitions:
        return Sentence()
    shown = human_list([f"“{name}”" for name in definition_names])
    return say_phrase("added.mixed", many=number_word(len(definition_names)), names=shown)


def comparison_sentence(compared: Comparison, answers: SetAnswer, *, at_level: float) -> Sentence:
    """The one fixed sentence on two groups: that they cannot be told apart, or by how much the counts differ."""
    first, second = answers.group(compared.first), answers.group(compared.second)
    if first is None or second is None:
        return Sentence()
    a, b = called(first.count.name), called(second.count.name)
    shared = set(first.count.studies) & set(second.count.studies)
    apart = Sentence() if shared else say_phrase("beside.different-studies", first=capital(a), second=b)
    difference, p = compared.difference, compared.p_value
    told_apart = not isinstance(p, NotEstimable) and p < round(1 - at_level, 12)  # 1 - 0.95 is not 0.05 in binary
    if not told_apart or isinstance(difference, NotEstimable):
        return joined_by_space(apart, say_phrase("beside.cannot-tell", first=a, second=b))
    span = Number(difference_per_100(float(difference.low), float(difference.high)), comparison_name(compared))
    return joined_by_space(apart, say_phrase("beside.fit", span=span, first=where(first), second=where(second)))


def comparison_name(compared: Comparison) -> str:
    """What the numbers of two groups side by side are called."""
    return f"n-{compared.first}-and-{compared.second}"


def design_sentence(rows: Iterable[CountRow]) -> Sentence:
    """What the design cannot show: said beside every answer."""
    designs = {row.study: row.design for row in rows}
    if not designs:
        return Sentence()
    with_group = sum(design in COMPARED for design in designs.values())
    unknown = told("cannot-show.unknown")
    if with_group == 0:
        return say_phrase(language().form("cannot-show.no-group", len(designs)), unknown=unknown)
    if with_group == len(designs):
        return say_phrase("cannot-show.all-compared", unknown=unknown)
    many = {"some": capital(number_word(with_group)), "all": number_word(len(designs))}
    return say_phrase("cannot-show.some-compared", **many, unknown=unknown)


def studies_sentence(answer: GroupAnswer) -> Sentence:
    """'2 studies, 8 people (2 case series).'"""
    rows = answer.count.rows
    if not rows:
        return say_phrase("basis.none")
    return say_phrase(
        "basis.said",
        studies=Number(plural(len(answer.count.studies), "study"), names.STUDIES),
        people=Number(people(answer.count.total), names.STUDIES),
        designs=designs_in_words(rows),
    )


def designs_in_words(rows: Iterable[CountRow]) -> str:
    """'2 case series and 1 cohort'."""
    found = Counter({row.study: row.design for row in rows}.values())
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return human_list([told(language().form(f"designs.{d.replace(' ', '-')}", n), n=n) for d, n in ordered])


def time_sentence(answer: GroupAnswer) -> Sentence:
    """Whether the time of assessment was reported; empty where it always was."""
    rows = answer.count.rows
    unknown = sum(not row.time_reported for row in rows)
    if not unknown:
        return Sentence()
    if unknown < len(rows):
        return say_phrase("when.some-unknown", some=number_word(unknown), all=number_word(len(rows)))
    if len(rows) < 3:
        return say_phrase("when.one-unknown" if len(rows) == 1 else "when.both-unknown")
    return say_phrase("when.none-known", many=number_word(len(rows)))


def other_word_sentence(answers: SetAnswer, main: SetAnswer) -> Sentence:
    """'Counted as “any regrowth”, the same people give: adults 3 of 4 and children 1 of 4.'"""
    parts = [
        say_phrase(
            "other-word.group", name=group.count.name, count=Number(count_of(group), names.group(group.id, answers.id))
        )
        for group in answers.groups
        if group.count.rows
    ]
    if not parts:
        if not answers.overall.count.rows:
            return say_phrase("other-word.not-counted", outcome=capital(answers.name))
        overall = Number(count_of(answers.overall), names.group("overall", answers.id))
        parts = [say_phrase("other-word.in-all", count=overall)]
    counts = listed(parts, last=told("numbers.and"))
    key = "other-word.same" if same_people(answers, main) else "other-word.some"
    return say_phrase(key, outcome=answers.name, counts=counts)


def same_people(answers: SetAnswer, main: SetAnswer) -> bool:
    """Whether another outcome word was counted in exactly the arms of the main one."""

    def arms(counts: SetAnswer) -> set[tuple[str, str]]:
        return {(row.study, row.arm) for row in counts.overall.count.rows}

    return arms(answers) == arms(main)


def count_of(group: GroupAnswer) -> str:
    """'1 of 4'."""
    return count(group.count.events, group.count.total)


def is_harm_question(answer: Synthesis) -> bool:
    """Whether the question, or its case reports, ask about something unwanted."""
    if answer.question.counts == "harms":
        return True
    asked = answer.question.case_reports
    return asked is not None and answer.counts.records.definition(asked.outcome).kind == "harm"


def cases_sentence(cases: CaseCounts, *, harm: bool) -> Sentence:
    """'Eight single case reports are listed apart: seven improved (“regrowth”); four of the five with …'"""
    n = cases.count
    if not n:
        return say_phrase("cases.none")
    if n == 1 and not cases.improved:
        had = say_phrase("cases.had-not" if harm else "cases.did-not-improve", outcome=cases.name)
    else:
        some = Number(told("cases.that-person") if n == 1 else some_of(cases.improved, n), names.CASES)
        had = say_phrase("cases.harmed" if harm else "cases.improved", some=some, outcome=cases.name)
    return say_phrase(
        language().form("cases.told", n),
        many=Number(capital(number_word(n)), names.CASES),
        had=had,
        stated=_stated(cases, harm=harm) if cases.stated and cases.stated_count else "",
    )


def _stated(cases: CaseCounts, *, harm: bool) -> Sentence:
    """'; four of the five with atopic dermatitis stated improved'."""
    m, n = cases.stated_improved, cases.stated_count
    all_of = {"all": number_word(n)}
    if n == 1:
        some = told("cases.the-one")
    elif 0 < m < n:
        some = told("cases.some-of-the", some=number_word(m), **all_of)
    else:
        some = told("cases.all-of-the" if m else "cases.none-of-the", **all_of)
    key = f"cases.stated{'-not' if n == 1 and m == 0 else ''}{'-harmed' if harm else ''}"
    said = {"some": Number(some, names.CASES_STATED), "what": cases.stated}
    return say_phrase(key, **said, **({"outcome": cases.name} if harm else {}))


def some_of(some: int, of: int) -> str:
    """'none', 'all seven', 'three'."""
    if some == 0:
        return told("cases.none-of-them")
    return told("cases.all-of-them", many=number_word(of)) if some == of else number_word(some)


def row_count(row: CountRow) -> tuple[str, str]:
    """The count, and what must stand beside it: ('13 of 40', ''), ('38.8 %', 'a modelled percentage, n = 281')."""
    if row.events is not None and row.total is not None:
        return count(row.events.value, row.total.value), ""
    unknown = told("row.people-unknown")
    if row.events is not None:
        return grouped(row.events.value), unknown
    if row.percent is None:
        return told("row.not-counted"), ""
    printed = told("numbers.percent", value=row.percent.text)
    if row.percent.modelled:
        return printed, told(
            "row.modelled", people=told("row.people", n=grouped(row.total.value)) if row.total else unknown
        )
    if row.total is None:
        return printed, told("row.printed-alone")
    of = told("row.people-of-kind", n=grouped(row.total.value), kind=row.total.kind_words)
    return printed, told("row.printed", people=of)


def row_count_words(row: CountRow) -> str:
    """'13 of 40', '38.8 %, a modelled percentage, n = 281', in one piece."""
    return ", ".join(part for part in row_count(row) if part)


def row_marks(row: CountRow) -> tuple[str, ...]:
    """What a reader must know beside a count: how it is known, which fault or conflict touches it."""
    marks = []
    if row.events is not None and row.events.origin.how == "back-calculated":
        origin = row.events.origin
        marks.append(told("row.worked-back", percent=origin.percent, of=origin.percent_of))
    elif row.events is not None and row.events.origin.how == "derived":
        marks.append(told("row.derived"))
    if row.total is not None and row.total.origin.how == "derived":
        marks.append(told("row.people-derived"))
    if row.missing:
        marks.append(told("row.missing", what=row.missing))
    faults = [n.origin.known_fault for n in (row.events, row.total, row.percent) if n and n.origin.known_fault]
    marks.extend(told("row.known-fault", what=fault) for fault in dict.fromkeys(faults))
    return tuple(marks)


def pooled_fit(answer: Synthesis, group: GroupAnswer) -> Fit | NotEstimable:
    """The fit that the plan names: the posterior, or the likelihood's when the plan asks for a likelihood model."""
    by_likelihood = answer.plan.model in ("binomial-normal", "beta-binomial", "common-effect")
    return group.likelihood if by_likelihood else group.posterior


def pooled_sentence(answer: Synthesis) -> Sentence:
    """The pooled rate with its predictive range, where three studies of one definition allow a headline."""
    overall = answer.main.overall
    fit = pooled_fit(answer, overall)
    if not overall.pooled_headline or isinstance(fit, NotEstimable) or isinstance(fit.estimate, NotEstimable):
        return Sentence()
    if isinstance(fit.low, NotEstimable) or isinstance(fit.high, NotEstimable):
        return Sentence()
    said: dict[str, object] = {
        "studies": plural(len(overall.count.studies), "study"),
        "about": Number(share_in(float(fit.estimate)), names.POOLED),
        "range": Number(range_per_100(float(fit.low), float(fit.high)), names.POOLED),
    }
    if isinstance(fit.prediction, NotEstimable):
        return say_phrase("pooled-answer.rate", **said)
    wide = range_per_100(float(fit.prediction.low), float(fit.prediction.high))
    return say_phrase("pooled-answer.rate-prediction", **said, prediction=Number(wide, names.POOLED))
