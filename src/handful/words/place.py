"""The place in therapy in words: the line, each clause with its number, what would change it."""

from __future__ import annotations

from collections.abc import Mapping

from handful.base.wording import (
    capital,
    count,
    decimal,
    grouped,
    human_list,
    number_word,
    people,
    per_100,
    share_in,
    spoken,
)
from handful.position.beside import Said
from handful.position.group import GroupPlace
from handful.position.ladder import Contraindication
from handful.position.rule import Clause
from handful.position.what_would_change import Further, Miscount, TrialAhead
from handful.records.source import Source
from handful.stats.results import NotEstimable
from handful.words.language import language, told


def ladder_intro() -> str:
    """What a line of therapy is here, and what it is not."""
    return told("place.intro")


def not_established() -> str:
    """What “not established” says, and what it does not."""
    return told("place.not-established")


def no_contraindications() -> str:
    """That the ladder names none."""
    return told("place.no-contraindications")


def not_told_apart() -> str:
    """That the records hold no count of one age alone."""
    return told("place.not-told-apart")


def line_words(line: str) -> str:
    """'first line', 'a later line', 'not established'."""
    key = f"line.{line.replace(' ', '-')}"
    return told(key) if language().has(key) else line


def chance(value: float) -> str:
    """A probability in words for prose: '0.45', 'less than 0.01', 'more than 0.99'."""
    if value < 0.01:
        return told("place.chance-less", value="0.01")
    if value > 0.99:
        return told("place.chance-more", value="0.99")
    return decimal(value)


def chance_or_sure(value: float) -> str:
    """The same for a cell of a table, with 0 and 1 where a line cannot or must hold."""
    return "0" if value == 0 else "1" if value == 1 else chance(value)


def counted_words(group: GroupPlace) -> str:
    """'1 of 4', or why there is nothing."""
    if not group.counts:
        return group.reason or told("place.nobody")
    return count(group.events, group.total)


def together_words(group: GroupPlace) -> str:
    """That the counts are of more people than asked about; empty where they are not."""
    return told("place.together", names=human_list(list(group.together))) if group.together else ""


def asked_words(clause: Clause) -> str:
    """What the clause asks for."""
    if clause.kind == "rate":
        return told("asked.rate", rate=per_100(float(clause.asked)), probability=_cut(clause))
    if clause.kind == "people":
        return told("asked.people", people=people(int(clause.asked)))
    if clause.kind == "certainty":
        return told("asked.certainty", certainty=told(f"certainty.{clause.asked}"))
    if clause.kind == "authorised":
        return told(f"asked.{clause.asked}")
    if clause.kind == "harm":
        said = {"outcome": spoken(clause.about), "rate": per_100(float(clause.asked))}
        return told("asked.harm", **said, probability=_cut(clause))
    if clause.kind == "harm-people":
        return told("asked.harm-people", outcome=spoken(clause.about), people=people(int(clause.asked)))
    return told("asked.loss", rate=per_100(float(clause.asked)))


def _cut(clause: Clause) -> str:
    return decimal(clause.cut if clause.cut is not None else 0.0)


def found_words(clause: Clause) -> str:
    """What was found, in words."""
    if clause.found is None:
        return clause.why or told("place.nothing")
    if clause.kind in ("rate", "harm"):
        return told("place.probability", value=chance(float(clause.found)))
    if clause.kind in ("people", "harm-people"):
        return grouped(int(clause.found))
    if clause.kind == "loss":
        return share_in(float(clause.found))
    if clause.kind == "certainty":
        return told(f"certainty.{clause.found}")
    return str(clause.found)


def found_short(clause: Clause) -> str:
    """What was found, for a cell of a table."""
    if clause.found is None:
        return clause.why or told("place.nothing")
    if clause.kind in ("rate", "harm"):
        return chance(float(clause.found))
    return told("place.yes") if clause.kind == "authorised" else found_words(clause)


def contraindication_words(found: Contraindication, name: str, source: str) -> str:
    """'methotrexate: in pregnancy (Smith 2020, p. 3)'; the words are those of the ladder."""
    said = {"treatment": name, "who": found.who, "source": source}
    if found.at == "not recorded":
        return told("place.contraindication", **said)
    return told("place.contraindication-at", **said, at=found.at)


def line_chances(found: Mapping[str, float]) -> str:
    """'first line 0.45, second line 0.20, not established 0.35'; what cannot be is left out."""
    return ", ".join(told("place.line-chance", line=line_words(x), chance=chance(p)) for x, p in found.items() if p > 0)


def chances_as_they_are(group: GroupPlace) -> str:
    """The probability of each line with the other clauses as they stand; where these allow none, that."""
    otherwise = group.setting.ladder.otherwise
    if all(p == 0 for line, p in group.probabilities.items() if line != otherwise):
        return told("place.whatever-the-rate", line=line_words(otherwise))
    return line_chances(group.probabilities)


def met_words(clause: Clause) -> str:
    """'met', 'not met', 'cannot be told'."""
    return told({True: "place.met", False: "place.not-met", None: "place.cannot-be-told"}[clause.met])


def nearest_words(group: GroupPlace) -> str:
    """Which clause is nearest to flipping, and whether its flip would be enough; empty where there is none."""
    clause = group.nearest
    if clause is None:
        return ""
    key = "place.nearest-alone" if group.nearest_alone else "place.nearest-not-alone"
    return told(key, line=line_words(clause.line), asked=asked_words(clause), found=found_words(clause))


def missing_words(group: GroupPlace) -> str:
    """What keeps it from the next better line: 'third line asks for 10 people (4 counted)'; empty on the best line."""
    if group.reason or not group.missing:
        return ""
    wanted = human_list([_wanting(clause) for clause in group.missing])
    return told("place.asks", line=line_words(group.missing[0].line), wanted=wanted)


def _wanting(clause: Clause) -> str:
    """A demand that is not met, with what was found instead."""
    found = found_words(clause) if clause.found is None else _found_instead(clause)
    if clause.kind == "rate":
        asked = told("place.wanted-rate", probability=_cut(clause), rate=per_100(float(clause.asked)))
    elif clause.kind == "people":
        asked = people(int(clause.asked))
    else:
        asked = asked_words(clause)
    return told("place.wanted", asked=asked, found=found)


def _found_instead(clause: Clause) -> str:
    if clause.kind in ("people", "harm-people"):
        return told("place.were-counted", n=found_words(clause))
    return told("place.it-is", found=found_short(clause))


def said_by(said: Said, sources: Mapping[str, Source]) -> str:
    """Who claims something, as told by whom, and when: 'Rudnicka 2024, as told by “Forum 2025”'."""
    source = sources.get(said.claim.source)
    first = sources.get(source.summary_of) if source is not None and source.summary_of else None
    short = source.short if source is not None else said.claim.source
    name = short if first is None else told("place.as-told-by", first=first.short, source=short)
    if said.year is None:
        return name if "no date" in name else told("place.date-not-known", source=name)
    return name if str(said.year) in name else f"{name}, {said.year}"


def people_of(group: GroupPlace) -> str:
    """'adults', 'people': whom the next ones are."""
    return group.name if group.id != "overall" and not group.together else told("place.people")


def further_sentence(further: Further, group: GroupPlace, outcome: str) -> str:
    """'Three or more of the next six adults with “…” would move this from third line to second line.'"""
    next_ones = told("change.next", many=number_word(further.people), who=people_of(group))
    if further.how == "further-study":
        next_ones = told("change.next-study", many=number_word(further.people))
    said = {"outcome": outcome, "now": line_words(further.now)}
    up, down = further.smallest_better, further.largest_worse
    made = []
    if up is not None:
        key = "change.every-one" if up.responders == further.people else "change.at-least"
        who = told(key, many=number_word(up.responders), people=next_ones)
        line, likely = line_words(up.line), _chance(further.probability_better)
        made.append(told("change.better", who=capital(who), line=line, chance=likely, **said))
    if down is not None:
        few = {"people": next_ones} | ({"many": number_word(down.responders)} if down.responders else {})
        who = told("change.at-most" if down.responders else "change.none", **few)
        line, likely = line_words(down.line), _chance(further.probability_worse)
        made.append(told("change.worse", who=capital(who), line=line, chance=likely, **said))
    return " ".join(made) or told("change.no-count", people=next_ones, now=line_words(further.now))


def _chance(value: float | None) -> str:
    return "" if value is None else told("change.chance", chance=chance(value))


def headline_change(group: GroupPlace, outcome: str) -> str:
    """One sentence on what would change the line: the smallest number of further people that can."""
    change = group.what_would_change
    listed = (*change.people, *change.studies)
    moving = next((f for f in listed if f.better or f.worse), None)
    if moving is not None:
        return further_sentence(moving, group, outcome)
    next_ones = told("change.next", many=listed[-1].people if listed else 0, who=people_of(group))
    said = told("change.no-count", people=next_ones, now=line_words(change.now))
    kept = group.missing_besides
    if not kept:
        return said
    wanted = human_list([_wanting(clause) for clause in kept])
    return f"{said} {told('change.kept-by', line=line_words(kept[0].line), wanted=wanted)}"


def trial_sentence(trial: TrialAhead, group: GroupPlace) -> str:
    """What a trial under way could bring."""
    name = trial.registration or trial.title
    if trial.planned is None:
        said = [told("trial-ahead.unknown", name=name)]
    else:
        planned = {"name": name, "people": people(trial.planned), "treated": trial.treated, "how": trial.treated_how}
        said = [told("trial-ahead.planned", **planned)]
    if trial.wider:
        said.append(told("trial-ahead.wider", what=trial.wider))
    if trial.further is not None:
        up = trial.further.smallest_better
        if up is None:
            said.append(told("trial-ahead.no-better", treated=trial.treated))
        else:
            better = {"many": number_word(up.responders), "line": line_words(up.line)}
            said.append(told("trial-ahead.better", treated=trial.treated, **better))
    return " ".join(said)


def miscount_sentence(miscount: Miscount, short: str) -> str:
    """How far a study's count would have to be off."""
    x, n = miscount.count
    if miscount.off_by is None:
        return told("miscount.none", study=short, count=count(x, n))
    changes = [
        told("miscount.change", count=count(c.responders, n), line=line_words(c.line))
        for c in (miscount.lower, miscount.higher)
        if c is not None
    ]
    off = {"changes": human_list(changes), "people": people(miscount.off_by)}
    return told("miscount.told", study=short, count=count(x, n), **off)


def place_line(group: GroupPlace) -> str:
    """'adults: third line (1 of 4)'."""
    if group.reason:
        return told("place.group-because", name=group.name, line=line_words(group.line), because=group.reason)
    return told("place.group", name=group.name, line=line_words(group.line), count=counted_words(group))


def losses_known(group: GroupPlace) -> bool:
    """Whether two alternatives or more have counts."""
    return not isinstance(group.losses, NotEstimable)
