"""The place in therapy in words: the line, each clause with its number, what would change it."""

from __future__ import annotations

from collections.abc import Mapping

from handful.base.wording import capital, decimal, grouped, human_list, number_word, per_100, plural, spoken
from handful.position.beside import Said
from handful.position.group import GroupPlace
from handful.position.ladder import Contraindication
from handful.position.rule import Clause
from handful.position.what_would_change import Further, Miscount, TrialAhead
from handful.records.source import Source
from handful.stats.results import NotEstimable

LADDER_INTRO = (
    "A line of therapy is a place after what has failed. It is computed by a rule that was fixed beforehand: the first "
    "line whose every clause is met. Where none is, the place is not established, which is not a verdict on the "
    "treatment. The rule does not know the person."
)
NOT_ESTABLISHED = (
    "“Not established” says that what was counted carries no line by this rule. It is no verdict on the treatment."
)
NOT_TOLD_APART = "no record tells these ages apart"
AUTHORISED = {
    "licence": "a licence for these people",
    "guideline": "a guideline that names this line",
    "licence-or-guideline": "a licence for these people, or a guideline that names this line",
}


def line_words(line: str) -> str:
    """'first line', 'a later line', 'not established'."""
    return {"first": "first line", "second": "second line", "third": "third line", "later": "a later line"}.get(
        line, line
    )


def chance(value: float) -> str:
    """A probability in words for prose: '0.45', 'less than 0.01', 'more than 0.99'."""
    if value < 0.01:
        return "less than 0.01"
    if value > 0.99:
        return "more than 0.99"
    return decimal(value)


def chance_or_sure(value: float) -> str:
    """The same for a cell of a table, with 0 and 1 where a line cannot or must hold."""
    return "0" if value == 0 else "1" if value == 1 else chance(value)


def counted_words(group: GroupPlace) -> str:
    """'1 of 4', or why there is nothing."""
    if not group.counts:
        return group.reason or "nobody counted"
    return f"{grouped(group.events)} of {grouped(group.total)}"


def together_words(group: GroupPlace) -> str:
    """That the counts are of more people than asked about; empty where they are not."""
    if not group.together:
        return ""
    return f"no record tells them apart, so this is {human_list(list(group.together))} together"


def asked_words(clause: Clause) -> str:
    """What the clause asks for."""
    if clause.kind == "rate":
        return f"a rate of {per_100(float(clause.asked))} in 100 or more, with a probability of {_cut(clause)} or more"
    if clause.kind == "people":
        return f"{plural(int(clause.asked), 'person', 'people')} counted, or more"
    if clause.kind == "certainty":
        return f"certainty {spoken(str(clause.asked))} or higher"
    if clause.kind == "authorised":
        return AUTHORISED[str(clause.asked)]
    if clause.kind == "harm":
        of = f"“{spoken(clause.about)}” in {per_100(float(clause.asked))} in 100 or fewer"
        return f"{of}, with a probability of {_cut(clause)} or more"
    if clause.kind == "harm-people":
        return f"“{spoken(clause.about)}” counted in {plural(int(clause.asked), 'person', 'people')} or more"
    return f"an expected loss of {per_100(float(clause.asked))} in 100 or less against the alternatives"


def _cut(clause: Clause) -> str:
    return decimal(clause.cut if clause.cut is not None else 0.0)


def found_words(clause: Clause) -> str:
    """What was found, in words."""
    if clause.found is None:
        return clause.why or "nothing"
    if clause.kind in ("rate", "harm"):
        return f"probability {chance(float(clause.found))}"
    if clause.kind in ("people", "harm-people"):
        return grouped(int(clause.found))
    if clause.kind == "loss":
        return f"{per_100(float(clause.found))} in 100"
    if clause.kind == "certainty":
        return spoken(str(clause.found))
    return str(clause.found)


def found_short(clause: Clause) -> str:
    """What was found, for a cell of a table."""
    if clause.found is None:
        return clause.why or "nothing"
    if clause.kind in ("rate", "harm"):
        return chance(float(clause.found))
    if clause.kind == "authorised":
        return "yes"
    return found_words(clause)


def contraindication_words(found: Contraindication, name: str, source: str) -> str:
    """'methotrexate: in pregnancy (Smith 2020, p. 3)'; the words are those of the ladder."""
    at = f", {found.at}" if found.at != "not recorded" else ""
    return f"{name}: {found.who} ({source}{at})"


NO_CONTRAINDICATIONS = "The ladder names none, which does not say that there are none."


def line_chances(found: Mapping[str, float]) -> str:
    """'first line 0.45, second line 0.20, not established 0.35'; what cannot be is left out."""
    return ", ".join(f"{line_words(line)} {chance(p)}" for line, p in found.items() if p > 0)


def chances_as_they_are(group: GroupPlace) -> str:
    """The probability of each line with the other clauses as they stand; where these allow none, that."""
    otherwise = group.setting.ladder.otherwise
    if all(p == 0 for line, p in group.probabilities.items() if line != otherwise):
        return f"{otherwise}, whatever the rate is: on every line a clause on something else is not met"
    return line_chances(group.probabilities)


def met_words(clause: Clause) -> str:
    """'met', 'not met', 'cannot be told'."""
    return {True: "met", False: "not met", None: "cannot be told"}[clause.met]


def nearest_words(group: GroupPlace) -> str:
    """Which clause is nearest to flipping, and whether its flip would be enough; empty where there is none."""
    clause = group.nearest
    if clause is None:
        return ""
    told = f"{line_words(clause.line)} asks for {asked_words(clause)} ({found_words(clause)})"
    if group.nearest_alone:
        return f"Nearest to flipping, and enough by itself: {told}."
    return f"Nearest to flipping, but not enough by itself: {told}."


def missing_words(group: GroupPlace) -> str:
    """What keeps it from the next better line: 'third line asks for 10 people (4 counted)'; empty on the best line."""
    if group.reason or not group.missing:
        return ""
    *first, last = (f"for {_wanting(clause)}" for clause in group.missing)
    asked = f"{', '.join(first)} and {last}" if first else last
    return f"{line_words(group.missing[0].line)} asks {asked}"


def _wanting(clause: Clause) -> str:
    """A demand that is not met, with what was found instead."""
    found = found_words(clause) if clause.found is None else _found_instead(clause)
    if clause.kind == "rate":
        asked = f"a probability of {_cut(clause)} that the rate is {per_100(float(clause.asked))} in 100 or more"
    elif clause.kind == "people":
        asked = plural(int(clause.asked), "person", "people")
    else:
        asked = asked_words(clause)
    return f"{asked} ({found})"


def _found_instead(clause: Clause) -> str:
    if clause.kind in ("people", "harm-people"):
        return f"{found_words(clause)} counted"
    return f"it is {found_short(clause)}"


def said_by(said: Said, sources: Mapping[str, Source]) -> str:
    """Who claims something, as told by whom, and when: 'Rudnicka 2024, as told by “Forum 2025”'."""
    source = sources.get(said.claim.source)
    first = sources.get(source.summary_of) if source is not None and source.summary_of else None
    told = source.short if source is not None else said.claim.source
    name = told if first is None else f"{first.short}, as told by “{told}”"
    if said.year is None:
        return name if "no date" in name else f"{name}, date not known"
    return name if str(said.year) in name else f"{name}, {said.year}"


def people_of(group: GroupPlace) -> str:
    """'adults', 'people': whom the next ones are."""
    return group.name if group.id != "overall" and not group.together else "people"


def further_sentence(further: Further, group: GroupPlace, outcome: str) -> str:
    """'Three or more of the next six adults with “…” would move this from third line to second line.'"""
    who = people_of(group)
    next_ones = f"the next {number_word(further.people)} {who}"
    if further.how == "further-study":
        next_ones = f"{number_word(further.people)} people of a further study"
    up, down = further.smallest_better, further.largest_worse
    told = []
    if up is not None:
        many = _at_least(up.responders, further.people)
        told.append(
            f"{many} of {next_ones} with “{outcome}” would move this from {line_words(further.now)} to "
            f"{line_words(up.line)}" + _chance(further.probability_better)
        )
    if down is not None:
        few = f"{number_word(down.responders)} or fewer" if down.responders else "none"
        told.append(
            f"{few} of {next_ones} with “{outcome}” would move it from {line_words(further.now)} to "
            f"{line_words(down.line)}" + _chance(further.probability_worse)
        )
    if not told:
        return f"No count among {next_ones} would move this from {line_words(further.now)}."
    return " ".join(f"{capital(part)}." for part in told)


def _at_least(r: int, of: int) -> str:
    if r == of:
        return f"all {number_word(r)}"
    return f"{number_word(r)} or more"


def _chance(value: float | None) -> str:
    return "" if value is None else f" (the chance of that is {chance(value)})"


def headline_change(group: GroupPlace, outcome: str) -> str:
    """One sentence on what would change the line: the smallest number of further people that can."""
    change = group.what_would_change
    listed = (*change.people, *change.studies)
    moving = next((f for f in listed if f.better or f.worse), None)
    if moving is None:
        most = listed[-1].people if listed else 0
        return f"No count among the next {most} {people_of(group)} would move this from {line_words(change.now)}."
    return further_sentence(moving, group, outcome)


def trial_sentence(trial: TrialAhead, group: GroupPlace) -> str:
    """What a trial under way could bring."""
    name = trial.registration or trial.title
    planned = (
        "how many people it plans is not reported"
        if trial.planned is None
        else (
            f"plans {plural(trial.planned, 'person', 'people')}, {trial.treated} of them on the treatment "
            f"({trial.treated_how})"
        )
    )
    told = f"{name} {planned}."
    if trial.wider:
        told += f" Its people are not all those asked about ({trial.wider}), so only a part of them would count."
    if trial.further is not None:
        up = trial.further.smallest_better
        if up is None:
            told += f" If all {trial.treated} counted, no count would move the line up."
        else:
            told += (
                f" If all {trial.treated} counted, {number_word(up.responders)} or more with the outcome would give "
                f"{line_words(up.line)}."
            )
    return told


def miscount_sentence(miscount: Miscount, short: str) -> str:
    """How far a study's count would have to be off."""
    x, n = miscount.count
    if miscount.off_by is None:
        return f"{short}, {x} of {n}: no other count of these people would move the line."
    parts = [
        f"{c.responders} of {n} would give {line_words(c.line)}"
        for c in (miscount.lower, miscount.higher)
        if c is not None
    ]
    off = plural(miscount.off_by, "person", "people")
    return f"{short}, {x} of {n}: {human_list(parts)}; off by {off} would be enough."


def place_line(group: GroupPlace) -> str:
    """'adults: third line (1 of 4)'."""
    if group.reason:
        return f"{group.name}: {line_words(group.line)}: {group.reason}"
    return f"{group.name}: {line_words(group.line)} ({counted_words(group)})"


def losses_known(group: GroupPlace) -> bool:
    """Whether two alternatives or more have counts."""
    return not isinstance(group.losses, NotEstimable)
