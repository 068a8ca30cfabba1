"""``place``: a review and a question in, the computed place in therapy out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from handful.base.errors import HandfulError, UnknownChoice
from handful.certainty.judgements import Judgements
from handful.counts.count import count
from handful.position.ladder import Ladder
from handful.position.place import GroupCertainty, Place, place_of
from handful.position.sureness import certainty_of
from handful.question.question import Question
from handful.question.select import select
from handful.records.records import Records
from handful.stats.results import NotEstimable
from handful.synthesis.synthesis import Synthesis
from handful.synthesis.synthesise import synthesise


class WithLadders(Protocol):
    """What a place needs of an open review."""

    @property
    def records(self) -> Records: ...
    @property
    def questions(self) -> Mapping[str, Question]: ...
    @property
    def ladders(self) -> Mapping[str, Ladder]: ...
    @property
    def judgements(self) -> Judgements: ...


def place(
    review: WithLadders,
    question: Question | str,
    *,
    answer: Synthesis | None = None,
    certainty: GroupCertainty | None = None,
) -> Place | NotEstimable:
    """Where the question's treatment stands among the alternatives of its ladder.

    Runs selection, counting, synthesis and the ladder's rule. The rule is declared in ``ladders/<name>.yaml``: for each
    line the probability with which the rate must reach a threshold, the fewest people, the least certainty, a licence
    or a guideline, limits of harm. The line is the first whose clauses are all met; a clause that cannot be told is
    not met; where no line's are, or nobody was counted, it is "not established".

    For each band of the ladder (for example under 12, 12 to 17, adult) the counts of these people alone are used;
    where there are none, those of the narrowest wider band that the records support, and ``together`` says which.

    The rate is the posterior of the question's plan: one count, Beta; several, the population average of the
    hierarchical model. ``probabilities`` are those of each line were the rate known; ``losses`` the expected loss of
    choosing each alternative (rates of different studies, labelled so); ``what_would_change`` the counts that move it.

    ``question``: a question of the review, or its id. ``answer``: the synthesis, when it was computed already.
    ``certainty(group, rows, counts, about)``: the level for a group when its counts are these, instead of the graded
    one.
    ``NotEstimable`` when the question names no ladder.

    Raises:
        HandfulError: when there is no such question, or the ladder it names is not in the review.

    Sources: GRADE evidence-to-decision thresholds, 10.1016/j.jclinepi.2022.07.014; Ades 2025, 10.1017/rsm.2025.17.

    >>> import handful as hf
    >>> review = hf.open_review("reviews/alopecia-areata")
    >>> hf.place(review, "dupilumab-totalis-universalis").line
    'not established'
    """
    asked = question if isinstance(question, Question) else _question(review, question)
    if asked.ladder is None:
        return NotEstimable("the question names no ladder")
    ladder = review.ladders.get(asked.ladder)
    if ladder is None:
        raise HandfulError(f"there is no ladder `{asked.ladder}`", hint=f"add ladders/{asked.ladder}.yaml")
    if answer is None:
        answer = synthesise(count(select(review.records, asked)), asked.plan)
    return place_of(answer, ladder, certainty=certainty or certainty_of(answer, review.judgements))


def _question(review: WithLadders, identifier: str) -> Question:
    found = review.questions.get(identifier)
    if found is None:
        raise UnknownChoice("question", identifier, list(review.questions))
    return found
