"""What a file of certainty judgements must keep: its question, its outcomes and its groups exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from handful.base.problems import Problem, did_you_mean
from handful.base.yaml_files import Document
from handful.certainty.judged import CertaintyFile
from handful.question.question import Question
from handful.records.checks.names import Names


def check_certainty(
    judged: CertaintyFile, document: Document, questions: Mapping[str, Question], names: Names
) -> Iterator[Problem]:
    """References of one ``certainty/<question>.yaml``."""
    line = document.line(("question",))
    yield from names.unknown("question", judged.question, document.file, line, "question")
    question = questions.get(judged.question)
    if question is None:
        return
    outcomes = {"main", *(other.id for other in question.also), *question.harms.outcomes}
    groups = {"overall", *question.groups}
    for index, found in enumerate(judged.outcomes):
        if found.outcome not in outcomes:
            yield Problem(
                document.file,
                document.line(("outcomes", index, "outcome")),
                "unknown-graded-outcome",
                f"outcome: `{found.outcome}` is not an outcome of the question {question.id}",
                did_you_mean(found.outcome, outcomes),
            )
        for place, group in enumerate(found.groups):
            if group not in groups:
                yield Problem(
                    document.file,
                    document.line(("outcomes", index, "groups", place)),
                    "unknown-group",
                    f"groups: `{group}` is not a group of the question {question.id}",
                    did_you_mean(group, groups),
                )


__all__ = ["check_certainty"]
