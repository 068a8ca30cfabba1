"""What may be said of counts: groups, their sums, groups side by side, case reports. No sentence says more.

Fewer than 20 people: never a percentage, the count. None of n says what the rate could still be, as all of n does.
One-arm counts are described; they compare nothing and give no cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from handful.base.wording import (
    capital,
    counted,
    difference_per_100,
    grouped,
    human_list,
    level,
    number_word,
    people,
    per_100,
    plural,
    range_per_100,
    spoken,
)
from handful.counts.rows import CaseCounts, CountRow
from handful.records.study import DESIGN_WORDS
from handful.stats.results import Fit, Interval, NotEstimable
from handful.synthesis.posteriors import NO_RATE
from handful.synthesis.synthesis import Comparison, GroupAnswer, SetAnswer, Synthesis
from handful.words import names
from handful.words.language import language
from handful.words.rates import rate_sentence
from handful.words.sentence import Number, Sentence, listed, say
from handful.words.vocabulary import COMPARED, DESIGN_MANY, DESIGN_ONE

PEOPLE_NOUNS = frozenset(
    ("adolescents", "adults", "babies", "boys", "children", "girls", "infants", "men", "people", "teenagers", "women")
)


def among(answer: GroupAnswer) -> str:
    """'among adults', 'in the group “all with dermatitis”', 'in all': before a count."""
    if answer.id == "overall":
        return "in all,"
    name = answer.count.name
    return f"among {name}," if name.split(" ")[0] in PEOPLE_NOUNS else f"in the group “{name}”,"


def called(answer: GroupAnswer) -> str:
    """'adults', 'the group “all with dermatitis”': inside a sentence."""
    name = answer.count.name
    return name if name.split(" ")[0] in PEOPLE_NOUNS else f"the group “{name}”"


def _where(answer: GroupAnswer) -> str:
    """'among adults', 'in the group “all with dermatitis”': after a number."""
    return among(answer).removesuffix(",")


def group_sentence(answer: GroupAnswer, outcome: str, *, name: str) -> Sentence:
    """'Among adults, 1 of 4 had “…”; the true rate could be anything from fewer than 1 to 81 in 100.'"""
    who = capital(among(answer))
    if not answer.count.rows:
        return say(f"{who} nobody was counted: the records hold no count of “{outcome}” for them.")
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
    return language().text("numbers.about", count=words) if worked_back(answer) else words


def could_be_words(answer: GroupAnswer, limits: tuple[float, float]) -> str:
    """'The true rate could be fewer than 1 to 81 in 100'; none and all say first how far they leave it open."""
    span = range_per_100(*limits)
    if answer.count.events == 0:
        return f"None so far, yet the true rate could be as high as {per_100(limits[1])} in 100 ({span})"
    if answer.count.events == answer.count.total:
        return f"All so far, yet the true rate could be as low as {per_100(limits[0])} in 100 ({span})"
    return f"The true rate could be {span}"


def rate_limits(answer: GroupAnswer) -> tuple[float, float] | None:
    """The interval's ends, or None where there is none, or where the counts are no rate."""
    interval = answer.interval
    if isinstance(interval, NotEstimable) or any(row.design in NO_RATE for row in answer.count.rows):
        return None
    return float(interval.low), float(interval.high)


def interval_per_100(answer: GroupAnswer) -> str:
    """'fewer than 1 to 81 in 100', or that there is none."""
    limits = rate_limits(answer)
    return range_per_100(*limits) if limits else "no interval"


def lead_sentence(groups: tuple[GroupAnswer, ...], outcome: str) -> Sentence:
    """The whole answer in one sentence: every group, its count, and what its rate could be."""
    parts = []
    told = False
    for group in groups:
        if not group.count.rows:
            parts.append(say(f"{among(group)} nobody was counted"))
            continue
        name = names.group(group.id)
        had = "" if told else f" had “{outcome}”"
        told = True
        found = Number(counted_of(group), name)
        parts.append(say(f"{among(group)} ", found, had, *_span(group, name)))
    if not told:
        return say(f"Nobody in the records was counted for “{outcome}”.")
    made = listed(parts, last="and", between="; ") if len(parts) < 3 else listed(parts, last="; and", between="; ")
    if len(parts) == 2:
        made = say(parts[0], "; ", parts[1])
    first = made.pieces[0]
    return Sentence((capital(str(first)) if isinstance(first, str) else first, *made.pieces[1:])) + "."


def _span(group: GroupAnswer, name: str) -> tuple[str | Number, ...]:
    limits = rate_limits(group)
    if limits is None:
        return (" (no rate)",)
    return (" (the true rate could be ", Number(range_per_100(*limits), name), ")")


def added_sentence(answer: GroupAnswer, *, name: str) -> Sentence:
    """'Added up over 2 studies: 1 of 8 (fewer than 1 to 53 in 100). Adding up …'"""
    found = Number(f"{grouped(answer.count.events)} of {grouped(answer.count.total)}", name)
    limits = rate_limits(answer)
    span: tuple[str | Number, ...] = (" (", Number(range_per_100(*limits), name), ")") if limits else ()
    over = plural(len(answer.count.studies), "study", "studies")
    if len(answer.count.studies) == 1:
        over = f"{len(answer.count.rows)} arms of one study"
    text = ". This only adds up: it treats people of different studies as if they had been in one."
    return say(f"Added up over {over}, ", found, *span, text)


def mixed_definitions_sentence(answer: GroupAnswer, definition_names: Sequence[str]) -> Sentence:
    """The warning that a sum counts different definitions as one; empty where it does not."""
    if not answer.mixes_definitions:
        return Sentence()
    shown = human_list([f"“{name}”" for name in definition_names])
    how_many = number_word(len(definition_names))
    return say(f"The sum mixes {how_many} definitions, {shown}, and counts them as if they were one.")


def comparison_sentence(compared: Comparison, answers: SetAnswer, *, at_level: float) -> Sentence:
    """The one fixed sentence on two groups: that they cannot be told apart, or by how much the counts differ."""
    first, second = answers.group(compared.first), answers.group(compared.second)
    if first is None or second is None:
        return Sentence()
    a, b = called(first), called(second)
    shared = set(first.count.studies) & set(second.count.studies)
    apart = "" if shared else f"{capital(a)} and {b} come from different studies. "
    difference, p = compared.difference, compared.p_value
    told_apart = not isinstance(p, NotEstimable) and p < 1 - at_level
    if not told_apart or isinstance(difference, NotEstimable):
        return say(f"{apart}These counts cannot tell {a} and {b} apart.")
    span = Number(difference_per_100(float(difference.low), float(difference.high)), comparison_name(compared))
    why = "They differ in more than that, so the counts do not say why."
    return say(f"{apart}The counts fit ", span, f" {_where(first)} than {_where(second)}. {why}")


def comparison_name(compared: Comparison) -> str:
    """What the numbers of two groups side by side are called."""
    return f"n-{compared.first}-and-{compared.second}"


def design_sentence(rows: Iterable[CountRow]) -> Sentence:
    """What the design cannot show: said beside every answer."""
    designs = {row.study: row.design for row in rows}
    if not designs:
        return Sentence()
    with_group = sum(design in COMPARED for design in designs.values())
    unknown = "what would have happened without treatment is not known from here"
    if with_group == 0:
        subject = "The study had" if len(designs) == 1 else "The studies had"
        return say(f"{subject} no comparison group, so {unknown}.")
    if with_group == len(designs):
        return say(
            "Only the treated people of these trials are counted here. Set apart from their comparison groups, the "
            f"counts are those of people without a comparison group: {unknown}."
        )
    some = f"{capital(number_word(with_group))} of the {number_word(len(designs))} studies had a comparison group"
    return say(f"{some}; only their treated people are counted here, so {unknown}.")


def studies_sentence(answer: GroupAnswer) -> Sentence:
    """'2 studies, 8 people: case series.'"""
    rows = answer.count.rows
    if not rows:
        return say("No study in the records counts this.")
    n = len(answer.count.studies)
    studies = Number(plural(n, "study", "studies"), names.STUDIES)
    who = Number(people(answer.count.total), names.STUDIES)
    return say(studies, ", ", who, f" ({designs_in_words(rows)}).")


def designs_in_words(rows: Iterable[CountRow]) -> str:
    """'2 case series, 1 cohort'."""
    found = Counter({row.study: row.design for row in rows}.values())
    words = [
        f"{n} {DESIGN_ONE.get(design, DESIGN_WORDS[design])}" if n == 1 else f"{n} {DESIGN_MANY[design]}"
        for design, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ]
    return human_list(words)


def time_sentence(answer: GroupAnswer) -> Sentence:
    """Whether the time of assessment was reported; empty where it always was."""
    rows = answer.count.rows
    unknown = sum(not row.time_reported for row in rows)
    if not unknown:
        return Sentence()
    if unknown == len(rows):
        if len(rows) == 1:
            return say("How long after the start of treatment that count was made is not reported.")
        which = "neither of these two counts" if len(rows) == 2 else f"none of these {number_word(len(rows))} counts"
        return say(f"For {which} is it reported how long after the start of treatment it was made.")
    return say(f"For {number_word(unknown)} of the {number_word(len(rows))} counts the time is not reported.")


def other_word_sentence(answers: SetAnswer, main: SetAnswer) -> Sentence:
    """'Counted as “any regrowth” instead: adults 3 of 4, children 1 of 4.'"""
    parts = [
        say(f"{group.count.name} ", Number(_of(group), names.group(group.id, answers.id)))
        for group in answers.groups
        if group.count.rows
    ]
    if not parts:
        if not answers.overall.count.rows:
            return say(f"“{capital(answers.name)}” was not counted in any of these people.")
        parts = [say("in all ", Number(_of(answers.overall), names.group("overall", answers.id)))]
    who = "the same people" if same_people(answers, main) else "these people (not all the same ones)"
    return say(f"Counted as “{answers.name}”, {who} give: ", listed(parts), ".")


def same_people(answers: SetAnswer, main: SetAnswer) -> bool:
    """Whether another outcome word was counted in exactly the arms of the main one."""

    def arms(counts: SetAnswer) -> set[tuple[str, str]]:
        return {(row.study, row.arm) for row in counts.overall.count.rows}

    return arms(answers) == arms(main)


def _of(group: GroupAnswer) -> str:
    return f"{grouped(group.count.events)} of {grouped(group.count.total)}"


def is_harm_question(answer: Synthesis) -> bool:
    """Whether the question, or its case reports, ask about something unwanted."""
    if answer.question.counts == "harms":
        return True
    asked = answer.question.case_reports
    return asked is not None and answer.counts.records.definition(asked.outcome).kind == "harm"


def cases_sentence(cases: CaseCounts, *, harm: bool) -> Sentence:
    """'Eight single case reports are listed apart: seven improved (“regrowth”); four of the five with …'"""
    if not cases.count:
        return say("No single case report of such people is in the records.")
    verb = f"had “{cases.name}”" if harm else "improved"
    told = "" if harm else f" (“{cases.name}”)"
    n = cases.count
    are = "case report is" if n == 1 else "case reports are"
    many = Number(capital(number_word(n)), names.CASES)
    had = Number(_how_many(cases.improved, n), names.CASES)
    made = say(many, f" single {are} listed apart: ", had, f" {verb}{told}")
    if cases.stated and cases.stated_count:
        made = say(made, "; ", stated_words(cases), f" {verb}")
    return say(made, ".")


def stated_words(cases: CaseCounts) -> Sentence:
    """'four of the five in whom atopic dermatitis is stated'."""
    m, n = cases.stated_improved, cases.stated_count
    if n == 1:
        text = "the one" if m == 1 else "not the one"
    else:
        text = f"{'none' if m == 0 else 'all' if m == n else number_word(m)} of the {number_word(n)}"
    return say(Number(text, names.CASES_STATED), f" with {cases.stated} stated")


def _how_many(some: int, of: int) -> str:
    if of == 1:
        return "that person" if some else "that person had not"
    return "none" if some == 0 else f"all {number_word(of)}" if some == of else number_word(some)


def row_count(row: CountRow) -> tuple[str, str]:
    """The count, and what must stand beside it: ('13 of 40', ''), ('38.8 %', 'a modelled percentage, n = 281')."""
    if row.events is not None and row.total is not None:
        return f"{grouped(row.events.value)} of {grouped(row.total.value)}", ""
    if row.events is not None:
        return grouped(row.events.value), "number of people not reported"
    if row.percent is None:
        return "not counted", ""
    if row.percent.modelled:
        n = f"n = {grouped(row.total.value)}" if row.total else "number of people not reported"
        return f"{row.percent.text} %", f"a modelled percentage, {n}"
    if row.total is None:
        return f"{row.percent.text} %", "as printed; number of people not reported"
    n = f"{grouped(row.total.value)} ({row.total.kind_words})"
    return f"{row.percent.text} %", f"as printed, of {n}"


def row_count_words(row: CountRow) -> str:
    """'13 of 40', '38.8 %, a modelled percentage, n = 281', in one piece."""
    return ", ".join(part for part in row_count(row) if part)


def row_marks(row: CountRow) -> tuple[str, ...]:
    """What a reader must know beside a count: how it is known, which fault or conflict touches it."""
    marks = []
    if row.events is not None and row.events.origin.how == "back-calculated":
        marks.append(f"worked back from {row.events.origin.percent} % of {row.events.origin.percent_of}")
    elif row.events is not None and row.events.origin.how == "derived":
        marks.append("derived by arithmetic")
    if row.total is not None and row.total.origin.how == "derived":
        marks.append("number of people derived")
    if row.missing:
        marks.append(f"missing people: {row.missing}")
    faults = [n.origin.known_fault for n in (row.events, row.total, row.percent) if n and n.origin.known_fault]
    marks.extend(f"known fault of the source: {fault}" for fault in dict.fromkeys(faults))
    return tuple(marks)


def level_words(answer: Interval | NotEstimable, at_level: float) -> str:
    """'95 %'."""
    return level(at_level if isinstance(answer, NotEstimable) else answer.level)


def people_words(values: Iterable[str]) -> str:
    """Ids of a trait read aloud, joined."""
    return human_list([spoken(value) for value in values])


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
    name = names.POOLED
    about = Number(f"{per_100(fit.estimate)} in 100", name)
    span = Number(range_per_100(fit.low, fit.high), name)
    made = say(f"Pooled over {len(overall.count.studies)} studies, the average rate is about ", about, " (", span, ")")
    if not isinstance(fit.prediction, NotEstimable):
        wide = range_per_100(float(fit.prediction.low), float(fit.prediction.high))
        made = say(made, "; in another study like these it could be ", Number(wide, name))
    return say(made, ".")
