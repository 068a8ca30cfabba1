"""A drawing of a question's answer into a file: what `hf.figures` draws, without a line of Python.

The same records give the same bytes; letters stay letters; the file carries the figure's numbers as its description.
Where a question has nothing that a drawing shows, nothing is written and the reason is said."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handful.cli.answers import answer, checked_review
from handful.cli.folder import add_review_option
from handful.cli.say import message
from handful.drawings.kinds import KINDS

if TYPE_CHECKING:
    from handful.review import Review
    from handful.synthesis.synthesis import GroupAnswer, SetAnswer, Synthesis

FILES = (".svg", ".png", ".pdf")

_WIDEST = max(map(len, KINDS))
_LISTED = "\n".join(f"  {kind:{_WIDEST}}  {shows}" for kind, shows in KINDS.items())
EPILOG = f"""kinds:
{_LISTED}

examples:
  handful figure forest dupilumab-totalis-universalis -o forest.svg --review reviews/alopecia-areata
  handful figure forest dupilumab-totalis-universalis --group adults -o adults.png --review reviews/alopecia-areata
  handful figure risk-of-bias dupilumab-totalis-universalis -o bias.svg --review reviews/alopecia-areata
  handful figure waterfall progabide-seizures -o people.svg --review reviews/progabide-epilepsy"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful figure``."""
    parser.add_argument("kind", metavar="KIND", choices=tuple(KINDS), help="what to draw: one of the kinds below")
    parser.add_argument("question", metavar="QUESTION", help="the question's id")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the drawing: .svg, .png or .pdf")
    parser.add_argument("--group", metavar="G", help="forest: one group alone; `overall` is everybody")
    parser.add_argument("--outcome", metavar="O", help="forest, swimmer: another outcome word of the question")
    parser.add_argument("--study", metavar="STUDY", help="patient rows: one of several studies")
    parser.add_argument("--tool", metavar="TOOL", help="risk-of-bias: one of several tools, for example rob-2")
    add_review_option(parser)


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.base.errors import InputError

    if Path(options.output).suffix.lower() not in FILES:
        raise InputError(f"-o {options.output}: what kind of file?", hint=f"it ends in {', '.join(FILES)}")
    if not Path(options.output).absolute().parent.is_dir():
        raise InputError(f"-o {options.output}: there is no such folder", hint="make it first")
    review = checked_review(options)
    drawn = _drawn(review, answer(review, options.question), options)
    from handful.figures.theme import save

    save(drawn, options.output)
    message(f"wrote {options.output}")
    return 0


def _drawn(review: Review, found: Synthesis, options: argparse.Namespace) -> Any:
    from handful import figures

    if options.kind == "forest":
        return _forest(found, options)
    if options.kind == "risk-of-bias":
        return _bias(review, found, options.tool)
    if options.kind == "swimmer":
        return figures.swimmer(found, study=options.study, outcome=options.outcome)
    if options.kind not in ("waterfall", "thresholds"):
        from handful.drawings.draw import draw

        return draw(options.kind, review, found)
    return (figures.waterfall if options.kind == "waterfall" else figures.thresholds)(found, study=options.study)


def _forest(found: Synthesis, options: argparse.Namespace) -> Any:
    from handful.base.errors import InputError, UnknownChoice
    from handful.figures import forest
    from handful.stats.evidence import one_arm
    from handful.stats.results import Fit

    drawn = _outcome(found, options.outcome)
    groups: tuple[GroupAnswer, ...] = drawn.groups or (drawn.overall,)
    if options.group is not None:
        chosen = drawn.group(options.group)
        if chosen is None:
            raise UnknownChoice("--group", options.group, [*(g.id for g in drawn.groups), "overall"])
        groups = (chosen,)
    events, totals, labels = [], [], []
    for group in groups:
        for one in group.rows:
            row = one.row
            if row.events is None or row.total is None:
                message(f"{row.study_short}, {row.arm_name}: no count of people, so not in the drawing")
                continue
            events.append(row.events.value)
            totals.append(row.total.value)
            labels.append(row.study_short if len(groups) == 1 else f"{group.count.name}: {row.study_short}")
    if not events:
        raise InputError("there is nothing to draw: nobody was counted", hint="`handful show QUESTION` says why")
    evidence = one_arm(events, totals, labels=labels)
    pooled = groups[0].posterior if len(groups) == 1 and groups[0].pooled_headline else None
    return forest(pooled if isinstance(pooled, Fit) else evidence, evidence=evidence, label=drawn.name)


def _outcome(found: Synthesis, identifier: str | None) -> SetAnswer:
    from handful.base.errors import UnknownChoice

    if identifier is None:
        return found.main
    for one in found.sets:
        if identifier in (one.id, one.name):
            return one
    raise UnknownChoice("--outcome", identifier, [one.id for one in found.sets])


def _bias(review: Review, found: Synthesis, tool: str | None) -> Any:
    from handful.base.errors import InputError
    from handful.certainty.risk_of_bias import risk_of_bias
    from handful.figures import traffic_light

    judged = [j for j in review.judgements.values() if j.study in found.studies]
    if not judged:
        raise InputError("no study of this answer was judged", hint="judgements stand in judgements/<study>.yaml")
    if tool is None:
        (tool, drawn), *others = Counter(j.tool for j in judged).most_common()
        if others:
            message(f"drawn: {drawn} judged with {tool}; --tool draws {', '.join(name for name, _ in others)}")
    return traffic_light(risk_of_bias(judged, tool))


__all__ = ["arguments", "run"]
