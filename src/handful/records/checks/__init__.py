"""What records must keep beside their form: one file per family of rules, each yielding findings with file and line."""

from __future__ import annotations

from handful.base.problems import Problem
from handful.records.checks.arithmetic import check_arithmetic
from handful.records.checks.comparisons import check_comparisons
from handful.records.checks.consistency import check_conflicts
from handful.records.checks.derivation import check_derivations
from handful.records.checks.finding import Finding
from handful.records.checks.identity import check_identity
from handful.records.checks.known_faults import settle_known_faults
from handful.records.checks.names import Names
from handful.records.checks.parts import check_parts
from handful.records.checks.patient_rows import check_patient_rows, check_rows_against_study
from handful.records.checks.percentages import check_percentages
from handful.records.checks.scores import check_scores
from handful.records.checks.sources import check_replaced, check_sources
from handful.records.checks.timing import check_timing
from handful.records.checks.totals import check_totals
from handful.records.records import Records

FAMILIES = (
    check_arithmetic,
    check_percentages,
    check_derivations,
    check_parts,
    check_totals,
    check_scores,
    check_comparisons,
    check_replaced,
    check_timing,
    check_rows_against_study,
)
"""Rules over the numbers of one study; their faults may be declared ``known:`` beside the number."""


def check_records(records: Records, names: Names) -> tuple[list[Problem], list[Problem]]:
    """What is wrong with the records, and which of the faults found are declared as faults of their source."""
    problems: list[Problem] = list(check_identity(records, names))
    problems.extend(check_conflicts(records, names))
    known: list[Problem] = list(check_sources(records))
    for study in records.studies.values():
        findings = [finding for family in FAMILIES for finding in family(records, study)]
        left, declared = settle_known_faults(records, study, findings)
        problems.extend(left)
        known.extend(declared)
    problems.extend(check_patient_rows(records))
    return problems, known


__all__ = ["FAMILIES", "Finding", "Names", "check_records"]
