"""What can be chosen otherwise in a question, and would be defended by someone; what cannot be run, and why.

Only choices that a reader of the same records could make: another outcome word the question declares, one of its
accepted definitions alone, a higher bar for the design, single case reports added (labelled), another reported number
of people, each value of a declared conflict, each study left out, the models that are open to so many studies, the
prior half and twice as wide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from handful.base.wording import spoken
from handful.counts.count import count
from handful.counts.rows import CountRow
from handful.question.asked_outcome import Accepted, AcceptedRule, AskedOutcome
from handful.question.missing import MISSING_WORDS
from handful.question.plan import DENOMINATOR_ORDER
from handful.question.question import CaseReports, HarmsAsked, Question
from handful.question.select import Case, Selection, select
from handful.question.sensitivity_plan import SensitivityPlan
from handful.records.people import matches
from handful.records.records import Records
from handful.records.study import DENOMINATOR_WORDS
from handful.synthesis.sensitivity_conflicts import ConflictChoice, conflict_dimensions
from handful.synthesis.sensitivity_left_out import EACH, movers
from handful.synthesis.sensitivity_models import model_dimension, prior_dimension
from handful.synthesis.sensitivity_result import OVERALL, ArmCounted, Choice, Dimension, NotRun

TRIALS = ("randomised", "non-randomised", "single-arm-trial", "pooled-trials")
COHORTS = (*TRIALS, "cohort")
NONE_OUT = "none"
OWN = "as-planned"
WITH_CASES = "with-case-reports"
CASES_ALONE = "only single case reports would be left, and they are no series"


@dataclass(frozen=True)
class Counted:
    """The arms of everything together and of each group that a choice counts; ``reason`` when it cannot be run."""

    arms: tuple[ArmCounted, ...]
    groups: Mapping[str, tuple[ArmCounted, ...]] = field(default_factory=dict)
    reason: str = ""

    @property
    def every(self) -> Iterator[tuple[str, tuple[ArmCounted, ...]]]:
        """Everything together and each group, by id."""
        yield OVERALL, self.arms
        yield from self.groups.items()

    def changed(self, change: Callable[[tuple[ArmCounted, ...]], tuple[ArmCounted, ...]]) -> Counted:
        """The same for every group."""
        return Counted(change(self.arms), {name: change(arms) for name, arms in self.groups.items()})


class Choices:
    """The dimensions of a question, and the counts under any of their combinations."""

    def __init__(self, records: Records, question: Question) -> None:
        self.records, self.question = records, question
        self.extra = question.plan.sensitivity or SensitivityPlan()
        self.wanted = frozenset(self.extra.vary)
        self.not_run: list[NotRun] = []
        self._counted: dict[tuple[str, str, str, str], Counted] = {}
        self._selected: dict[tuple[str, str], Selection] = {}
        self._outcomes: dict[str, AskedOutcome] = {OWN: question.outcome}
        self._designs: dict[str, tuple[str, ...]] = {OWN: tuple(question.designs)}
        self._conflicts: dict[str, dict[str, ConflictChoice]] = {}
        self.dimensions = self._all()

    def _all(self) -> tuple[Dimension, ...]:
        outcome = self._outcome()
        designs = self._design()
        denominator, missing = self._denominator(), self._missing()
        seen = self._every_arm(outcome, designs, denominator)
        conflicts, self._conflicts, told = conflict_dimensions(
            self.records, self.question, seen, run="conflicts" in self.wanted
        )
        self.not_run.extend(told)
        out = self._left_out(seen)
        made = (
            outcome, *conflicts, designs, denominator, missing, out,
            model_dimension(run="model" in self.wanted),
            prior_dimension(self.question.plan, run="prior" in self.wanted),
        )  # fmt: skip
        return tuple(d for d in made if len(d.choices) > 1 or d.id in ("outcome", "model"))

    def _outcome(self) -> Dimension:
        question = self.question
        choices = [Choice(OWN, f"“{question.outcome.name}”", "the outcome that the question asks about")]
        if "outcome" in self.wanted:
            for other in (*question.also, *self.extra.outcomes):
                self._outcomes[other.id] = other
                choices.append(Choice(other.id, f"“{other.name}”", other.because))
            used = {arm.outcome for arm in self.counted(OWN).arms}
            for accepted in question.outcome.accepts if len(used) > 1 else ():
                if accepted.outcome in used:
                    name = self._name(accepted)
                    identifier = f"only-{accepted.outcome}"
                    self._outcomes[identifier] = AskedOutcome(name=name, accepts=(accepted,))
                    because = "one of the accepted definitions alone, so that the sum mixes none"
                    choices.append(Choice(identifier, f"only “{name}”", because))
        return Dimension("outcome", "the outcome definition", tuple(choices))

    def _design(self) -> Dimension:
        choices = [Choice(OWN, "the designs of the question", "the plan's own")]
        if "designs" in self.wanted:
            present = {self.records.studies[a.study].design for o in self._outcomes for a in self.counted(o).arms}
            for identifier, allowed, words in (
                ("trials-and-cohorts", COHORTS, "trials and cohorts only"),
                ("trials", TRIALS, "trials only"),
            ):
                if present & set(allowed) and present - set(allowed):
                    self._designs[identifier] = tuple(d for d in self.question.designs if d in allowed)
                    choices.append(Choice(identifier, words, "a higher bar for the design"))
            if self.question.case_reports is not None:
                self._designs[WITH_CASES] = tuple(self.question.designs)
                because = "single reports are written when something happened; added only to show what they would do"
                choices.append(Choice(WITH_CASES, "single case reports added", because))
        return Dimension("designs", "which reports are counted", tuple(choices))

    def _denominator(self) -> Dimension:
        choices = [Choice(OWN, "the number of people in the plan's order", "the plan's own")]
        if "denominator" in self.wanted:
            for kind in DENOMINATOR_ORDER:
                pairs = [(self.counted(o, d), self.counted(o, d, kind)) for o in self._outcomes for d in self._designs]
                if any(a != b for a, b in pairs if a.arms):
                    known = kind != "kind-not-reported"
                    words = f"of those {DENOMINATOR_WORDS[kind]}" if known else "of the number without a kind"
                    choices.append(Choice(kind, words, "another number of people that the papers report"))
        return Dimension("denominator", "the number of people that the count is taken of", tuple(choices))

    def _every_arm(self, *dimensions: Dimension) -> tuple[ArmCounted, ...]:
        outcome, designs, denominator = ([c.id for c in d.choices] for d in dimensions)
        found = (a for o in outcome for d in designs for n in denominator for a in self.counted(o, d, n).arms)
        return tuple(dict.fromkeys(found))

    def _left_out(self, seen: Iterable[ArmCounted]) -> Dimension:
        choices = [Choice(NONE_OUT, "every study", "the plan's own")]
        studies = sorted({arm.study for arm in seen if not arm.case_report})
        few = len(studies) <= EACH
        if "left-out" in self.wanted and len(studies) > 1:
            chosen = studies if few else movers(self.counted(OWN).every, self.question.plan)
            if len(chosen) < len(studies):
                reason = "each of them moves the rate less than those that are left out"
                self.not_run.append(NotRun("leaving out one of the other studies", reason, len(studies) - len(chosen)))
            for study in chosen:
                source = self.records.sources.get(self.records.studies[study].source)
                choices.append(
                    Choice(study, f"without {source.short if source else study}", "each study left out once")
                )
        return Dimension("left-out", "which study is left out", tuple(choices), crossed=few)

    def _missing(self) -> Dimension:
        own = self.question.plan.missing
        words = MISSING_WORDS.get(own, "by an odds ratio") if isinstance(own, str) else "by an odds ratio"
        choices = [Choice(OWN, f"people without a result {words}", "the plan's own")]
        if "missing" in self.wanted:
            for rule in ("not-responders", "responders", "excluded"):
                pairs = [
                    (self.counted(o, d), self.counted(o, d, OWN, rule)) for o in self._outcomes for d in self._designs
                ]
                if rule != own and any(a != b for a, b in pairs if a.arms and b.arms):
                    because = "an assumption about people of whom no result is known"
                    bound = rule != "excluded"
                    choices.append(Choice(rule, f"people without a result {MISSING_WORDS[rule]}", because, bound))
        return Dimension("missing", "what becomes of people without a result", tuple(choices))

    def _name(self, accepted: Accepted | AcceptedRule) -> str:
        if isinstance(accepted, AcceptedRule):
            return accepted.definition(self.records.instruments).name
        return self.records.definition(accepted.outcome).name

    def counted(self, outcome: str, designs: str = OWN, denominator: str = OWN, missing: str = OWN) -> Counted:
        """The arms under one choice of outcome word, designs, number of people and rule for the missing."""
        key = (outcome, designs, denominator, missing)
        if key not in self._counted:
            self._counted[key] = self._count(*key)
        return self._counted[key]

    def _count(self, outcome: str, designs: str, denominator: str, missing: str) -> Counted:
        question = self._variant(outcome, designs, denominator, missing)
        selected = self._select(outcome, designs)
        if missing != OWN:  # people in dispute between sources are a choice of their own, not people without a result
            selected = replace(selected, records=replace(selected.records, conflicts=()))
        found = count(selected, question.plan).main
        overall = found.overall
        short = [row for row in overall.rows if row.events and row.total and row.events.value > row.total.value]
        if short:
            return Counted((), reason=f"{short[0].study_short}: more responders than people of this kind")
        cases = self._cases(question) if designs == WITH_CASES else []
        if designs == WITH_CASES and not cases:
            return Counted((), reason=f"no single case report of such people tells “{question.outcome.name}”")
        groups = {
            group.id: _sorted([*map(_arm, group.rows), *(case for case in cases if group.id in case.groups)])
            for group in found.groups
        }
        return Counted(_sorted([*map(_arm, overall.rows), *cases]), groups)

    def _select(self, outcome: str, designs: str) -> Selection:
        """Which records: the number of people that a count is taken of, and the rule for the missing, choose none."""
        if (outcome, designs) not in self._selected:
            self._selected[outcome, designs] = select(self.records, self._variant(outcome, designs, OWN, OWN))
        return self._selected[outcome, designs]

    def _variant(self, outcome: str, designs: str, denominator: str, missing: str) -> Question:
        """The question with these choices, and without what is only shown beside its answer."""
        plan = self.question.plan
        if denominator != OWN:
            order = (denominator, *(k for k in plan.denominator if k != denominator))
            plan = plan.model_copy(update={"denominator": order})
        if missing != OWN:
            plan = plan.model_copy(update={"missing": missing})
        update = {
            "outcome": self._outcomes[outcome],
            "designs": self._designs[designs],
            "plan": plan,
            "also": (),
            "alternatives": None,
            "harms": HarmsAsked(),
            "case_reports": None,
        }
        return self.question.model_copy(update=update)

    def _cases(self, question: Question) -> list[ArmCounted]:
        """People of single reports who meet the question's own rule, one arm a report and set of groups."""
        told: dict[tuple[str, str], tuple[Case, str, bool]] = {}
        for accepted in question.outcome.accepts:
            if isinstance(accepted, AcceptedRule):
                continue
            asked = CaseReports(outcome=accepted.outcome, name=question.outcome.name)
            for case in select(self.records, question.model_copy(update={"case_reports": asked})).cases:
                value = case.person.outcomes[accepted.outcome] == "yes"
                told.setdefault((case.study.id, case.person.person), (case, accepted.outcome, value))
        arms: dict[tuple[str, tuple[str, ...], str], ArmCounted] = {}
        for (study, _), (case, outcome, value) in sorted(told.items(), key=lambda item: item[0]):
            groups = tuple(g for g, rule in question.groups.items() if matches(case.person.people, rule).yes)
            key = (study, groups, outcome)
            before = arms.get(key)
            start = before or ArmCounted(study, f"reported-{len(arms) + 1}", outcome, 0, 0, groups, case_report=True)
            arms[key] = replace(start, events=start.events + value, total=start.total + 1)
        return list(arms.values())

    def arms(self, chosen: dict[str, str]) -> Counted:
        """The arms under a whole combination of choices outside model and prior."""
        key = [chosen.get(name, OWN) for name in ("outcome", "designs", "denominator", "missing")]
        found = self.counted(*key)
        if found.reason:
            return found
        for dimension, choices in self._conflicts.items():
            wanted = chosen.get(dimension, OWN)
            if wanted != OWN:
                choice = choices[wanted]
                reasons = [why for _, arms in found.every for arm in arms if (why := choice.impossible(arm, arms))]
                if reasons:
                    return Counted((), reason=reasons[0])
                found = found.changed(choice.apply_to)
        out = chosen.get("left-out", NONE_OUT)
        return found if out == NONE_OUT else found.changed(lambda arms: tuple(a for a in arms if a.study != out))


def in_group(counted: Counted, group: str) -> tuple[tuple[ArmCounted, ...], str]:
    """The arms of a group, or why they are not counted; single case reports alone are no series."""
    arms = counted.arms if group == OVERALL else counted.groups.get(group, ())
    if arms and all(arm.case_report for arm in arms):
        return (), CASES_ALONE
    return arms, counted.reason


def _sorted(arms: Iterable[ArmCounted]) -> tuple[ArmCounted, ...]:
    return tuple(sorted(arms, key=lambda a: (a.study, a.arm, a.outcome)))


def _arm(row: CountRow) -> ArmCounted:
    assert row.events is not None  # a group's rows are countable
    assert row.total is not None
    told = row.unaccounted
    assumed = told is not None and told.rule in ("not-responders", "responders")
    missing = told.people if told is not None and assumed else 0
    return ArmCounted(
        row.study,
        row.arm,
        row.outcome,
        row.events.value,
        row.total.value,
        row.groups,
        reported=not assumed,
        put_in=missing,
        put_in_events=missing if told is not None and told.rule == "responders" else 0,
    )


def group_name(identifier: str) -> str:
    """The group's name for people."""
    return "all together" if identifier == "overall" else spoken(identifier)
