"""The answer box: one sentence, one card a group, what is added up, and what the counts cannot show."""

from __future__ import annotations

from collections.abc import Iterator

from handful.base.wording import capital, count, grouped, level
from handful.site.forest import icon_array, rate_plot, share_axis
from handful.site.site import Site
from handful.site.views import Answer, Definition, Fact, GroupCard
from handful.synthesis.synthesis import GroupAnswer, Synthesis
from handful.words import names
from handful.words.conflicts import conflict_sentence
from handful.words.headline import headline
from handful.words.language import told as phrase
from handful.words.sentence import Sentence, say
from handful.words.sentences import (
    added_sentence,
    cases_sentence,
    comparison_sentence,
    could_be_words,
    design_sentence,
    is_harm_question,
    mixed_definitions_sentence,
    other_word_sentence,
    pooled_sentence,
    rate_limits,
    studies_sentence,
    time_sentence,
)
from handful.words.vocabulary import method_name


def answer_view(site: Site, answer: Synthesis) -> Answer:
    """The answer box of a question."""
    main = answer.main
    shown = main.groups or (main.overall,)
    records = site.review.records
    mixed = [records.definition(d).name for d in main.overall.count.definitions]
    cautions = [design_sentence(main.overall.count.rows)]
    cautions += [comparison_sentence(c, main, at_level=answer.plan.level) for c in main.comparisons]
    cautions += [mixed_definitions_sentence(main.overall, mixed), time_sentence(main.overall)]
    in_all = [pooled_sentence(answer)]
    if main.overall.added:
        in_all.insert(0, added_sentence(main.overall, name=names.group("overall")))
    cases = answer.counts.cases
    return Answer(
        lead=(headline(answer, site.sure[answer.question.id]),),
        cards=tuple(_card(site, group, main.name) for group in shown),
        axis=share_axis(),
        in_all=tuple(s for s in in_all if s),
        cautions=tuple(s for s in cautions if s),
        definitions=_definitions(site, answer),
        other_words=tuple(other_word_sentence(other, main) for other in answer.also),
        cases=cases_sentence(cases, harm=is_harm_question(answer)) if cases else Sentence(),
        basis=studies_sentence(main.overall),
        method=f"Intervals: {level(answer.plan.level)}, {method_name(answer.plan.interval)}",
        outcome=main.name,
    )


def _card(site: Site, group: GroupAnswer, outcome: str) -> GroupCard:
    name = capital(phrase("group.everything")) if group.id == "overall" else capital(group.count.name)
    anchor = names.group(group.id)
    counts = group.count
    if not counts.rows:
        nobody, none = phrase("cell.nobody"), say(phrase("cell.no-study"))
        return GroupCard(name, nobody, f"#{anchor}", outcome, "", none, None, None, "")
    limits = rate_limits(group)
    plot, span = None, phrase("counted.no-rate-because")
    if limits is not None:
        kind = "sum" if group.added else "study"
        plot = rate_plot(name, counts.events, counts.total, *limits, kind=kind)
        span = could_be_words(group, limits)
    return GroupCard(
        name=name,
        count=count(counts.events, counts.total),
        href=f"#{anchor}",
        outcome=outcome,
        span=span,
        sentence=studies_sentence(group),
        icons=icon_array(counts.events, counts.total, name=name, what=outcome),
        plot=plot,
        note=phrase("cell.added-up") if group.added else "",
        conflicts=tuple(_conflicts(site, group)),
    )


def _conflicts(site: Site, group: GroupAnswer) -> Iterator[Sentence]:
    """Conflicts about a number of the group's rows, told right beside the count."""
    told = set()
    for row in group.count.rows:
        for conflict in row.conflicts:
            numbers = all(isinstance(value.value, int | float) for value in conflict.values)
            if numbers and conflict.about.arm is not None and conflict.id not in told:
                told.add(conflict.id)
                yield conflict_sentence(site.review.records, conflict)


def _definitions(site: Site, answer: Synthesis) -> tuple[Definition, ...]:
    """What each definition in use says, why it is accepted, and whose it is."""
    accepted = {a.outcome: a.because for a in answer.question.outcome.accepts}
    rows = (*answer.main.overall.count.rows, *answer.main.overall.count.not_countable)
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row.outcome, row.definition), []).append(row.study_short)
    return tuple(
        Definition(
            site.review.records.definition(outcome).name,
            meaning,
            accepted.get(outcome, ""),
            ", ".join(dict.fromkeys(studies)),
        )
        for (outcome, meaning), studies in found.items()
    )


def facts(site: Site, answer: Synthesis) -> tuple[Fact, ...]:
    """Studies, people, search and version: what a reader must know before the answer."""
    about = site.review.about
    found = [
        Fact("Studies", grouped(len(answer.studies)), "#studies"),
        Fact("People counted", grouped(answer.people), "#counts"),
    ]
    cases = answer.counts.cases
    if cases:
        found.append(Fact("Single case reports, apart", grouped(cases.count), "#case-reports"))
    found += [
        Fact("Last search", capital(site.searched)),
        Fact("Version", about.version),
        Fact("Next look", f"{about.next_look}, overdue" if site.overdue else str(about.next_look)),
    ]
    return tuple(found)
