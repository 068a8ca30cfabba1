"""Synthesis + judgements → Grading: every answer's start, its steps with their reasons, and its level."""

from __future__ import annotations

from collections.abc import Mapping

from handful.base.errors import InputError
from handful.certainty.certainty import DOWN, UP, Certainty, Domain, DomainName, GradedRow, Grading
from handful.certainty.domains import suggestion
from handful.certainty.evidence import Body, bodies
from handful.certainty.judged import CertaintyFile, JudgedStep
from handful.certainty.judgements import Judgements
from handful.certainty.networks import NOT_JUDGED
from handful.certainty.start import start_of_effect, start_of_rate
from handful.records.judgement import Judgement
from handful.synthesis.synthesis import Synthesis


def grade(answer: Synthesis, judgements: Mapping[str, Judgement] | None = None) -> Grading:
    """How sure one can be of each answer to a question.

    Start by the design of the studies counted (:func:`start_of_effect`, :func:`start_of_rate`); then one step at a time
    down, or up where nothing went down. What can be computed is suggested (imprecision by the thresholds of the plan,
    inconsistency, small-study signals, risk of bias by the studies' judgements); what people judged in
    ``certainty/<question>.yaml`` wins, with both shown; what neither computed nor judged says so, and counts as a step.

    Args:
        answer: what :func:`synthesise` gave.
        judgements: ``review.judgements``; without them nothing counts as judged.

    Returns:
        The levels of every outcome and group, for the effect of the treatment and for the rate as a forecast.

    Raises:
        InputError: when ``answer`` is no synthesis, or ``judgements`` no mapping of judgements by id.

    Source: GRADE guidelines (doi:10.1016/j.jclinepi.2010.07.015), for prognosis doi:10.1136/bmj.h870.
    """
    if not isinstance(answer, Synthesis):
        raise InputError(f"answer is {type(answer).__name__}, no synthesis", hint="give what hf.synthesise(…) gave")
    if judgements is not None and not isinstance(judgements, Mapping):
        raise InputError(f"judgements is {type(judgements).__name__}, no mapping", hint="give review.judgements")
    given = judgements if judgements is not None else Judgements()
    files = given.certainty if isinstance(given, Judgements) else {}
    judged = files.get(answer.question.id)
    return Grading(answer.question.id, tuple(_row(body, answer, given, judged) for body in bodies(answer)))


def _row(body: Body, answer: Synthesis, given: Mapping[str, Judgement], judged: CertaintyFile | None) -> GradedRow:
    effect, effect_because = start_of_effect(body.rows, answer.counts.records, given)
    rate, rate_because = start_of_rate(body.rows)
    start = judged.start(body.outcome, body.group) if judged is not None and body.rows else None
    if start is not None:
        effect, effect_because = start.level, f"{start.because} (by design {effect})"
    domains = _domains(body, answer, given, judged) if body.rows else ()
    return GradedRow(
        kind=body.kind,
        outcome=body.outcome,
        name=body.name,
        group=body.group,
        group_name=body.group_name,
        certainty=Certainty("effect", effect, effect_because, domains),
        rate=Certainty("rate", rate, rate_because, tuple(d for d in domains if d.name in DOWN)),
    )


def _domains(
    body: Body, answer: Synthesis, given: Mapping[str, Judgement], judged: CertaintyFile | None
) -> tuple[Domain, ...]:
    found = [_domain(name, body, answer, given, judged) for name in DOWN]
    raised = [_domain(name, body, answer, given, judged) for name in UP if judged and _step(judged, body, name)]
    return (*found, *raised)


def _domain(
    name: DomainName, body: Body, answer: Synthesis, given: Mapping[str, Judgement], judged: CertaintyFile | None
) -> Domain:
    computed = suggestion(name, body, answer, given)
    step = _step(judged, body, name) if judged is not None else None
    if step is not None:
        assert judged is not None
        return Domain(
            name=name,
            steps=step.steps,
            because=step.because,
            made="judged",
            by=judged.by,
            on=str(judged.on),
            computed=computed.steps if computed else None,
            computed_because=computed.because if computed else "",
        )
    if computed is not None:
        return Domain(name, computed.steps, computed.because, "computed", computed=computed.steps)
    return Domain(name, -1, NOT_JUDGED, "not-judged")


def _step(judged: CertaintyFile, body: Body, name: DomainName) -> JudgedStep | None:
    return judged.step(body.outcome, body.group, name)


__all__ = ["grade"]
