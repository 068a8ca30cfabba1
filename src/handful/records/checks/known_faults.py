"""Faults of a source that were declared beside the number: shown, not failed; and they expire."""

from __future__ import annotations

from collections.abc import Iterable

from handful.base.problems import Problem, did_you_mean
from handful.base.provenance import KnownFault
from handful.records.checks.finding import Finding, find, reported_numbers
from handful.records.records import Records
from handful.records.study import Study

DECLARABLE = (
    "back-calculation-ambiguous",
    "back-calculation-wrong",
    "derivation-gives-another-value",
    "derivation-wrong",
    "interval-misses-estimate",
    "interval-not-symmetric",
    "interval-reversed",
    "mean-fits-no-sum",
    "more-events-than-people",
    "more-rows-than-people",
    "p-does-not-match-counts",
    "p-does-not-match-interval",
    "p-does-not-match-statistic",
    "part-greater-than-whole",
    "people-change-between-tables",
    "people-out-of-order",
    "percentage-does-not-match-count",
    "percentage-fits-no-count",
    "range-out-of-order",
    "rows-contradict-count",
    "score-outside-instrument",
    "sd-fits-no-scores",
    "sd-impossible",
    "se-does-not-match-interval",
    "total-does-not-add",
)
"""Codes of the faults a source itself can have."""


def settle_known_faults(
    records: Records, study: Study, findings: Iterable[Finding]
) -> tuple[list[Problem], list[Problem]]:
    """What is left of the findings as problems, and which of them were declared."""
    open_findings = list(findings)
    problems: list[Problem] = []
    known: list[Problem] = []
    for path, reported in reported_numbers(study):
        fault = reported.known
        if fault is None:
            continue
        matching = [f for f in open_findings if f.problem.code == fault.code and path in f.numbers]
        if matching and (fault.value is None or same_value(fault.value, reported.value)):
            open_findings = [f for f in open_findings if f not in matching]
            known.extend(_declared(f.problem, fault) for f in matching)
            continue
        if fault.code not in DECLARABLE:
            message = f"`known: {{code: {fault.code}}}` names no fault that a source can have"
            hint = did_you_mean(fault.code, DECLARABLE)
        elif matching:
            message = f"the fault was declared for {fault.value}, but the number is {reported.value}"
            hint = "look the number up again; then change `value:` in `known:`, or take `known:` away"
        else:
            message = f"`{fault.code}` is declared here, but the number no longer has this fault"
            hint = "take `known:` away"
        problems.append(find(records, study, (*path, "known"), "known-fault-expired", message, hint, at="code").problem)
    problems.extend(f.problem for f in open_findings)
    return problems, known


def same_value(one: object, other: object) -> bool:
    """Are they one number? ('9.4' and 9.4 are.)"""
    try:
        return float(str(one)) == float(str(other))
    except ValueError:
        return str(one) == str(other)


def _declared(problem: Problem, fault: KnownFault) -> Problem:
    return Problem(problem.file, problem.line, problem.code, problem.message, f"known: {fault.because}")
