"""A table in, the pooled result out. No review is needed.

The header says what the table holds (names of other programs in brackets):

  one group         events, total                      or with person-time: events, time
  two groups        events1, total1, events2, total2   (ai, n1i, ci, n2i; ai, bi, ci, di; event.e, n.e, event.c, n.c)
  two groups, long  study, arm, events, total          a row for each arm; --reference names the second group
  two rates         events1, time1, events2, time2     (x1i, t1i, x2i, t2i)
  two means         n1, mean1, sd1, n2, mean2, sd2     (n1i, m1i, sd1i, n2i, m2i, sd2i)
  estimates         yi with vi or sei                  ratios as logarithms, --measure says which

and if you like `label` (or `study`). Columns are separated by commas, semicolons or tabs; `-` reads standard input."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handful.cli.say import as_json, message, result

if TYPE_CHECKING:
    from handful.cli.counts_table import Table

EPILOG = """examples:
  printf 'label,events,total\\nHarada,1,4\\nMcKenzie,0,4\\n' | handful pool -
  handful pool counts.csv --model binomial-normal --json
  handful pool trials.csv --measure RR --model random-effects --tau2 REML --interval hartung-knapp
  handful pool trials.csv --measure OR --figure forest.svg

exit status: 0 pooled, 1 the table has problems (each with its line) or nothing can be estimated, 2 wrong usage"""

FIGURES = (".svg", ".png", ".pdf")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful pool``."""
    parser.add_argument("file", metavar="FILE", help="the table of counts or estimates; - reads standard input")
    parser.add_argument("--measure", metavar="CODE", help="OR, RR, RD, IRR, MD, SMD, ROM, HR … (field's codes)")
    parser.add_argument(
        "--model", default="default", help="default (chosen by the counts), bayes, random-effects, mantel-haenszel …"
    )
    parser.add_argument("--tau2", metavar="NAME", help="REML, PM, DL, ML, EB, HE, HS or SJ (random-effects)")
    parser.add_argument("--interval", metavar="NAME", help="hartung-knapp-safe, hartung-knapp, t, wald, profile …")
    parser.add_argument("--level", type=float, default=0.95, help="level of the intervals (default: 0.95)")
    parser.add_argument("--reference", metavar="ARM", help="the second group, where the table has a row for each arm")
    parser.add_argument("--figure", metavar="FILE", help="draw the forest into FILE: .svg, .png or .pdf")
    parser.add_argument("--json", action="store_true", help="the result as JSON, full precision")


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.base.errors import InputError
    from handful.cli.counts_table import read_table, table_text

    if options.figure is not None and Path(options.figure).suffix.lower() not in FIGURES:
        raise InputError(f"--figure {options.figure}: what kind of file?", hint=f"it ends in {', '.join(FIGURES)}")
    name, text = table_text(options.file)
    table, problems = read_table(text, name, options.reference)
    if problems:
        for problem in problems:
            message(str(problem))
        message(f"{name}: nothing was pooled")
        return 1
    from handful.stats.results import NotEstimable
    from handful.synthesis.pool import pool

    evidence, measure = _evidence(table, options.measure)
    asked: dict[str, Any] = {"tau2": _number_or_name(options.tau2)} if options.tau2 is not None else {}
    fit = pool(evidence, model=options.model, measure=measure, level=options.level, interval=options.interval, **asked)
    if options.figure is not None:
        _draw(fit if not isinstance(fit, NotEstimable) else evidence, table, options.figure)
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


def _evidence(table: Table, measure: str | None) -> tuple[Any, str | None]:
    """What the columns hold, and the measure that is left for ``pool`` to be told."""
    from handful.stats import evidence as kinds

    columns: dict[str, Any] = table.columns
    labels = table.labels or None
    if table.makes == "one_arm":
        return kinds.one_arm(columns["events"], columns["total"], labels=labels), measure
    if table.makes == "one_arm_rates":
        return kinds.one_arm_rates(columns["events"], columns["time"], labels=labels), measure
    if table.makes == "two_arms":
        a, b, c, d = (columns[name] for name in ("events1", "total1", "events2", "total2"))
        return kinds.two_arms(a, b, c, d, labels=labels), measure
    if table.makes == "two_arm_rates":
        a, b, c, d = (columns[name] for name in ("events1", "time1", "events2", "time2"))
        return kinds.two_arm_rates(a, b, c, d, labels=labels), measure
    if table.makes == "two_means":
        from handful.stats.effects.effect_sizes import effect_sizes

        a, b, c = (columns[name] for name in ("n1", "mean1", "sd1"))
        d, e, f = (columns[name] for name in ("n2", "mean2", "sd2"))
        return effect_sizes(kinds.two_means(a, b, c, d, e, f, labels=labels), measure or "MD").estimates(), None
    spread = {"vi": columns["vi"]} if "vi" in columns else {"se": columns["sei"]}
    return kinds.estimates(columns["yi"], **spread, labels=labels, measure=measure or "GEN"), None


def _number_or_name(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _draw(drawn: Any, table: Table, to: str) -> None:
    from handful.figures import forest, save

    save(forest(drawn, groups=table.arms), to)
    message(f"wrote {to}")
