"""The JSON Schemas of the files of a review: one for each kind of file, for editors and other programs.

Without an argument the kinds are listed. In an editor that knows YAML, the first line
`# yaml-language-server: $schema=…` of a file completes and checks it while you type; `handful new` writes it."""

from __future__ import annotations

import argparse
from pathlib import Path

from handful.cli.say import message, result

EPILOG = """examples:
  handful schema
  handful schema study
  handful schema --all -o schemas"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful schema``."""
    parser.add_argument("kind", metavar="KIND", nargs="?", help="review, study, source, question …")
    parser.add_argument("--all", action="store_true", help="all of them, into the folder named with -o")
    parser.add_argument("-o", "--output", metavar="DIR", help="the folder to write to (default with --all: schemas)")


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    from handful.base.errors import InputError, UnknownChoice
    from handful.base.files import write_whole
    from handful.file_types import FILE_TYPES, file_type
    from handful.records.json_schema import schema_text

    if options.kind is not None and options.all:
        raise InputError("both a kind and --all were given", hint="give one of them")
    chosen = FILE_TYPES if options.all else ()
    if options.kind is not None:
        kind = file_type(options.kind)
        if kind is None:
            raise UnknownChoice("KIND", options.kind, [k.name for k in FILE_TYPES])
        chosen = (kind,)
    if not chosen:
        if options.output is not None:
            raise InputError("-o needs a kind or --all", hint="for example: handful schema --all -o schemas")
        for kind in FILE_TYPES:
            result(f"{kind.name:12} {kind.pattern:26} {kind.holds}")
        return 0
    if not options.all and options.output is None:
        result(schema_text(chosen[0].model, chosen[0].name, chosen[0].holds).rstrip("\n"))
        return 0
    folder = Path(options.output or "schemas")
    for kind in chosen:
        write_whole(folder / kind.schema_file, schema_text(kind.model, kind.name, kind.holds))
    message(f"{len(chosen)} written to {folder}")
    return 0
