"""``handful``: finds the command, and turns every way it can end into words and an exit status.

0 fine, 1 problems found, 2 wrong usage, 130 interrupted, 141 the reader of the output went away. Only the module of the
command that was asked for is imported, and that imports what it needs when it runs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import handful

COMMANDS = {
    "new": "start a review, a study or a question from a template",
    "check": "every problem of a review at once: file, line, what to do",
    "format": "write the files of a review in their one form, comments kept",
    "schema": "the JSON Schemas of the files, for editors and other programs",
    "show": "the answer to a question in words",
    "place": "where the treatment stands among the alternatives, and what would change that",
    "trace": "from each number back to its line, source and quote",
    "sensitivity": "every other defensible answer to a question",
    "bias": "risk of bias of the studies, two raters' agreement, tables of robvis in and out",
    "figure": "an answer drawn into a file: forest, icons, flow, risk of bias and more",
    "pool": "events and totals in, pooled result out; needs no review",
    "update": "compute every answer again and keep it in results/",
    "diff": "what changed between two states: records, answers, and which record moved what",
    "release": "give the review a version and date, with its change note and citation",
    "ci": "all that a review's repository should check at each change, in one command",
    "build": "write the review's pages",
    "serve": "the pages on this machine, built again at every change",
}

EPILOG = """examples:
  handful new review my-review
  handful check my-review
  handful build my-review -o site

exit status: 0 fine, 1 problems found, 2 wrong usage
`handful COMMAND --help` explains a command."""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help that reads the same under every Python: `-o, --output DIR`, the value named once."""

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings:
            return super()._format_action_invocation(action)
        names = ", ".join(action.option_strings)
        if action.nargs == 0:
            return names
        return f"{names} {self._format_args(action, self._get_default_metavar_for_optional(action))}"


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """The parser; only ``command`` knows its own arguments (the others are named and described)."""
    top = argparse.ArgumentParser(
        prog="handful",
        description="Evidence reviews from a handful of patients: counts with their sources, and pages that cannot say"
        " more than their counts.",
        epilog=EPILOG,
        formatter_class=_Help,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"handful {handful.__version__}")
    top.add_argument("--review", metavar="DIR", help="the review's folder (before or after the command)")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, what in COMMANDS.items():
        if name != command:
            commands.add_parser(name, help=what, add_help=False)
            continue
        module = import_module(f"handful.cli.{name}")
        part = commands.add_parser(
            name,
            help=what,
            description=module.__doc__,
            epilog=module.EPILOG,
            formatter_class=_Help,
            allow_abbrev=False,
        )
        module.arguments(part)
        part.set_defaults(run=module.run)
    return top


def _command(arguments: Sequence[str]) -> str | None:
    """The command among the arguments: the first that is neither an option nor the value of ``--review``."""
    skip = False
    for argument in arguments:
        if skip:
            skip = False
        elif argument == "--review":
            skip = True
        elif not argument.startswith("-"):
            return argument if argument in COMMANDS else None
    return None


def entry(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit status; nothing but the status and words ever leaves it."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    _somewhere_to_speak()
    _speak_utf8()
    try:
        status = _run(given)
        sys.stdout.flush()
    except BrokenPipeError:
        # the reader went away; give the interpreter a place to flush to, so that it says nothing at its end
        _close_quietly()
        return 141
    except KeyboardInterrupt:
        print("handful: interrupted", file=sys.stderr)
        return 130
    return status


def _run(given: list[str]) -> int:
    from handful.base.errors import HandfulError, InputError

    made = parser(_command(given))
    try:
        options = made.parse_args(given)
        if options.command is None:
            made.print_help(sys.stderr)
            return 2
    except SystemExit as end:  # argparse has said what it has to say: help (0) or wrong usage (2)
        return end.code if isinstance(end.code, int) else 2
    try:
        status: int = options.run(options)
    except HandfulError as error:
        print(f"handful: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        if isinstance(error, LookupError):  # a template of handful's own that is not there
            return _unexpected(error)
        where = f"{error.filename}: " if error.filename else ""
        print(f"handful: {where}{error.strerror or error}", file=sys.stderr)
        return 1
    except Exception as error:
        return _unexpected(error, as_json=getattr(options, "json", False))
    return status


def _unexpected(error: Exception, *, as_json: bool = False) -> int:
    """Problems of a review are said in full; anything else is a fault of handful, in one line."""
    found = getattr(error, "report", None)
    if type(error).__name__ == "ReviewProblems" and found is not None:
        if as_json:  # what was asked for as JSON cannot be had; the report of `check --json` stands in its place
            print(found.to_json())
        print(found, file=sys.stderr)
        return 1
    if os.environ.get("HANDFUL_DEBUG"):
        import traceback

        traceback.print_exc()
    said = " ".join(str(error).split())[:300]
    print(
        f"handful: this should not have happened ({type(error).__name__}: {said})\n"
        "  Please report it with the command you gave; with HANDFUL_DEBUG=1 it also says where in the code it was.",
        file=sys.stderr,
    )
    return 1


def _somewhere_to_speak() -> None:
    """A stream that was closed before the start (`>&-`) is None; what is said there goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (open until the end)


def _speak_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _close_quietly() -> None:
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass


if __name__ == "__main__":
    sys.exit(entry())
