"""Events and totals in, the pooled result out. No review is needed.

The file is a table with a header: `events` and `total` (also `x` and `n`, or `responders` and `people`), and if you
like `label` (or `study`). With `time` in place of `total` it is events per person-time. Columns are separated by
commas, semicolons or tabs; `-` reads standard input."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from handful.cli.say import as_json, message, result

if TYPE_CHECKING:
    from handful.stats.evidence import OneArm, OneArmRates

EPILOG = """examples:
  printf 'label,events,total\\nHarada,1,4\\nMcKenzie,0,4\\n' | handful pool -
  handful pool counts.csv --model binomial-normal --json

exit status: 0 pooled, 1 the table has problems (each with its line) or nothing can be estimated, 2 wrong usage"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful pool``."""
    parser.add_argument("file", metavar="FILE", help="the table of counts; - reads standard input")
    parser.add_argument("--model", default="default", help="default (chosen by the counts), bayes, binomial-normal …")
    parser.add_argument("--level", type=float, default=0.95, help="level of the intervals (default: 0.95)")
    parser.add_argument("--json", action="store_true", help="the result as JSON, full precision")


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.cli.counts_table import read_table, table_text

    name, text = table_text(options.file)
    table, problems = read_table(text, name)
    if problems:
        for problem in problems:
            message(str(problem))
        message(f"{name}: nothing was pooled")
        return 1
    from handful.stats.evidence import one_arm, one_arm_rates
    from handful.stats.results import NotEstimable
    from handful.synthesis.pool import pool

    labels = table.labels or None
    evidence: OneArm | OneArmRates
    if table.rates:
        evidence = one_arm_rates(table.events, table.time, labels=labels)
    else:
        evidence = one_arm(table.events, table.totals, labels=labels)
    fit = pool(evidence, model=options.model, level=options.level)
    if isinstance(fit, NotEstimable):
        notes = [{"code": n.code, "text": n.text, "about": n.about} for n in fit.notes]
        if options.json:
            as_json({"not_estimable": fit.reason, "notes": notes})
        else:
            result(str(fit))
            for note in fit.notes:
                result(f"  {note}")
        return 1
    if options.json:
        as_json(fit.to_dict())
    else:
        result(str(fit))
    return 0
