"""Case reports, person by person: of the outcome, and of harm."""

from __future__ import annotations

from handful.base.wording import capital, human_list, number_word
from handful.site.links import Linker
from handful.site.parts import case_view
from handful.site.site import Site
from handful.site.views import Cases
from handful.synthesis.synthesis import Synthesis
from handful.words.sentence import say
from handful.words.sentences import cases_sentence, is_harm_question
from handful.words.vocabulary import CASE_REPORTS_APART, REPORTS_NOT_RATES


def case_reports(site: Site, linker: Linker, answer: Synthesis) -> Cases | None:
    """The question's case reports, and the reasons why others were left out."""
    cases = answer.counts.cases
    if cases is None or not cases.count:
        return None
    left_out: dict[str, list[str]] = {}
    for out in answer.counts.cases_excluded:
        left_out.setdefault(out.reason, []).append(f"{site.short(out.study)} (person {out.arm})")
    return Cases(
        sentence=cases_sentence(cases, harm=is_harm_question(answer)),
        caption=f"Single case reports: “{cases.name}”, person by person",
        outcome=capital(cases.name),
        stated=cases.stated,
        rows=tuple(
            case_view(site, linker, row, row.outcome or "not reported", full=True)
            for row in sorted(cases.rows, key=lambda r: (not r.strict, r.study, r.person))
        ),
        left_out=tuple(f"{reason}: {human_list(who)}" for reason, who in sorted(left_out.items())),
        why=CASE_REPORTS_APART,
    )


def harm_reports(site: Site, linker: Linker, answer: Synthesis) -> Cases | None:
    """Case reports of harm; a person listed above already is not told again in full."""
    rows = answer.counts.harm_cases
    if not rows:
        return None
    asked = answer.question.harms.case_outcomes
    known = {(row.study, row.person) for row in (answer.counts.cases.rows if answer.counts.cases else ())}
    n = len(rows)
    reports = "single case report tells" if n == 1 else "single case reports tell"
    definition = site.review.records.definition
    views = []
    for row in rows:
        had = [definition(o).name for o in asked if row.outcomes.get(o) == "yes"]
        full = (row.study, row.person) not in known
        views.append(case_view(site, linker, row, human_list(had), full=full))
    return Cases(
        sentence=say(f"{capital(number_word(n))} {reports} of such harm. {REPORTS_NOT_RATES}"),
        caption="Case reports of harm, person by person",
        outcome="What happened",
        stated="",
        rows=tuple(views),
        left_out=(),
        why="",
    )
