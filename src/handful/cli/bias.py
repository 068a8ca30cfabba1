"""Risk of bias of the studies: each judgement, how far two raters agreed, and the tables of robvis in and out.

Without an option: every judgement of the review, one table a tool, and which counted studies nobody judged. --robvis
writes the table of one tool as robvis reads it. --from makes judgement files of such a table: every fault is said with
its line, and nothing is written where there is one. A column Rater makes two rows of a study those of two raters; where
they differ, a row of the rater `agreed` says what was settled."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handful.cli.answers import checked_review
from handful.cli.folder import add_review_argument
from handful.cli.say import as_json, message, result

if TYPE_CHECKING:
    from handful.certainty.risk_of_bias import RiskOfBias
    from handful.review import Review

EPILOG = """examples:
  handful bias reviews/alopecia-areata
  handful bias reviews/alopecia-areata --tool murad-2018 --robvis bias.csv
  handful bias my-review --from bias.csv --tool rob-2 --by "Smith, Jones"

exit status: 0 fine, 1 problems, 2 wrong usage"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful bias``."""
    add_review_argument(parser)
    parser.add_argument("--tool", metavar="TOOL", help="the tool: rob-2, robins-i, murad-2018 …")
    parser.add_argument("--robvis", metavar="FILE", help="write the judgements with one tool as a table for robvis")
    parser.add_argument("--from", dest="table", metavar="FILE", help="make judgement files of a table of robvis")
    parser.add_argument("--by", metavar="NAMES", help="who judged, where the table does not say (with --from)")
    parser.add_argument("--seen", metavar="WORDS", help="what was seen of the studies (with --from)")
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.base.errors import InputError

    if options.table is not None and options.robvis is not None:
        raise InputError("--from and --robvis were both given", hint="give one: a table is read, or written")
    if options.table is None and (options.by is not None or options.seen is not None):
        raise InputError("--by and --seen say who judged the table of --from", hint="give --from FILE with them")
    if options.table is not None:
        return _read(options)
    review = checked_review(options)
    if options.robvis is not None:
        return _write(review, options)
    tables = _tables(review, options.tool)
    left = _not_judged(review)
    if options.json:
        as_json({"tools": [_plain(review, table) for table in tables], "not_judged": left})
        return 0
    result("\n".join(_lines(review, tables, left)))
    return 0


def _tables(review: Review, tool: str | None) -> list[RiskOfBias]:
    """One table a tool; of the tool asked for, or of each that judged something."""
    from handful.certainty.risk_of_bias import risk_of_bias
    from handful.certainty.tool import tool as tool_named
    from handful.certainty.tool import tool_id

    if tool is not None:
        return [risk_of_bias(review.judgements, tool_named(tool).id)]
    used = dict.fromkeys(tool_id(j.tool) for j in review.judgements.values())
    return [risk_of_bias(review.judgements, identifier) for identifier in used if identifier is not None]


def _lines(review: Review, tables: list[RiskOfBias], left: dict[str, list[str]]) -> Iterator[str]:
    from handful.certainty.raters import agreement
    from handful.certainty.risk_of_bias import BIAS_WORDS, LEVEL_LETTERS
    from handful.certainty.tool import tool_id, tools
    from handful.words.certainty import raters_words

    judged = list(review.judgements.values())
    if not judged:
        yield "no study was judged; see docs/methods/risk-of-bias.md, or `handful bias --from FILE`"
    for table in tables:
        chosen = tools()[table.tool]
        yield f"{chosen.name} ({chosen.version})"
        head = ("study", *table.domains, "overall")
        rows = [
            (_name(review, row.study), *(LEVEL_LETTERS.get(level or "", "") for level in row.levels),
             f"{LEVEL_LETTERS[row.overall]} {BIAS_WORDS[row.overall]}" if row.overall else "")
            for row in table.rows
        ]  # fmt: skip
        widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
        for row in (head, *rows):
            yield ("  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True))).rstrip()
        yield "  " + "; ".join(f"{short} {name}" for short, name in zip(table.domains, table.names, strict=True))
        yield ""
    in_words = [j for j in judged if tool_id(j.tool) is None]
    for one in in_words:
        yield f"judged in words ({one.tool}): {_name(review, one.study)}, {BIAS_WORDS[one.overall]}: {one.because}"
    if in_words:
        yield ""
    shown = {level for t in tables for row in t.rows for level in (*row.levels, row.overall) if level is not None}
    if shown:
        yield "signs: " + ", ".join(
            f"{sign} {BIAS_WORDS[level]}" for level, sign in LEVEL_LETTERS.items() if level in shown
        )
    if judged:
        yield raters_words(judged, agreement(judged))
    for identifier, studies in left.items():
        yield f"counted in {identifier} and not judged: {', '.join(_name(review, s) for s in studies)}"


def _not_judged(review: Review) -> dict[str, list[str]]:
    """By question, the studies whose counts stand in its answer or its harms and that nobody judged."""
    from handful.counts.count import count
    from handful.question.select import select

    found: dict[str, list[str]] = {}
    for identifier, question in review.questions.items():
        counted = count(select(review.records, question))
        rows = [row for one in (counted.main, *counted.also) for row in one.overall.rows]
        rows += [row for row in counted.harms if row.countable]
        left = [s for s in dict.fromkeys(row.study for row in rows) if not review.judgements.of_study(s)]
        if left:
            found[identifier] = left
    return found


def _name(review: Review, study: str) -> str:
    """The short name of a study where no other study has it, else its id."""
    shorts = _shorts(review)
    return shorts[study] if list(shorts.values()).count(shorts[study]) == 1 else study


def _shorts(review: Review) -> dict[str, str]:
    records = review.records
    return {
        key: records.sources[study.source].short if study.source in records.sources else key
        for key, study in records.studies.items()
    }


def _plain(review: Review, table: RiskOfBias) -> dict[str, Any]:
    from handful.certainty.raters import agreement
    from handful.certainty.tool import tool_id
    from handful.stats.results import NotEstimable

    those = [j for j in review.judgements.values() if tool_id(j.tool) == table.tool]
    found = agreement(those)
    return {
        "tool": table.tool,
        "domains": list(table.domains),
        "studies": [{"study": r.study, "levels": list(r.levels), "overall": r.overall} for r in table.rows],
        "two_raters": sum(len(j.raters) >= 2 for j in those),
        "agreement": {"not_estimable": found.reason}
        if isinstance(found, NotEstimable)
        else {
            "things": found.things,
            "agreed": found.agreed,
            "kappa": None if isinstance(found.kappa, NotEstimable) else found.kappa,
            "interval": None if isinstance(found.interval, NotEstimable) else [found.interval.low, found.interval.high],
        },
    }


def _write(review: Review, options: argparse.Namespace) -> int:
    from dataclasses import replace

    from handful.base.errors import HandfulError
    from handful.base.wording import plural
    from handful.certainty.robvis import write_robvis
    from handful.certainty.tool import tools

    tables = [t for t in _tables(review, options.tool) if t.rows]
    if len(tables) != 1:
        used = ", ".join(t.tool for t in tables) or "none"
        what = "no judgement was made with it" if options.tool else f"the judgements were made with: {used}"
        raise HandfulError(f"--robvis writes the table of one tool; {what}", hint="name one with --tool TOOL")
    (table,) = tables
    named = replace(table, rows=tuple(replace(row, study=_name(review, row.study)) for row in table.rows))
    write_robvis(named, options.robvis)
    template = tools()[table.tool].robvis or "Generic"
    message(
        f"{plural(len(table.rows), 'study', 'studies')} written to {options.robvis}; in robvis: tool = {template!r}"
    )
    return 0


def _read(options: argparse.Namespace) -> int:
    from handful.base.errors import InputError
    from handful.base.problems import Report, ReviewProblems
    from handful.base.wording import plural
    from handful.certainty.robvis import table_text
    from handful.certainty.robvis_import import import_robvis
    from handful.records.save import record_text

    if options.tool is None:
        raise InputError("--from needs the tool of the judgements", hint="give --tool rob-2, robins-i, murad-2018 …")
    review = checked_review(options)
    names = [one.strip() for one in (options.by or "").split(",") if one.strip()]
    found = import_robvis(
        table_text(Path(options.table)),
        options.table,
        tool=options.tool,
        studies=_shorts(review),
        taken=list(review.judgements),
        by=names,
        seen=options.seen,
    )
    if found.problems:
        if options.json:
            result(Report(found.problems).to_json())
            return 1
        raise ReviewProblems(Report(found.problems))
    comment = f"Taken over from {Path(options.table).name}; the reasons are to be written."
    made = {review.folder / "judgements" / f"{one.id}.yaml": record_text(one, comment) for one in found.judgements}
    _write_all(made)
    if options.json:
        as_json({"written": [path.relative_to(review.folder).as_posix() for path in made]})
    else:
        message(f"{plural(len(made), 'judgement')} written to {review.folder / 'judgements'}")
    return 0


def _write_all(made: dict[Path, str]) -> None:
    """All files, or none of them."""
    from handful.base.files import write_whole

    done: list[Path] = []
    try:
        for path, text in made.items():
            write_whole(path, text)
            done.append(path)
    except BaseException:
        for path in done:
            path.unlink(missing_ok=True)
        raise
