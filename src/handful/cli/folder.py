"""Which review a command is about."""

from __future__ import annotations

import argparse
from pathlib import Path

from handful.base.errors import InputError


def add_review_option(parser: argparse.ArgumentParser) -> None:
    """``--review DIR``; without it the current folder, or the nearest one above that holds a review.yaml."""
    parser.add_argument(
        "--review",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="the review's folder (default: the current one, or the nearest above it with a review.yaml)",
    )


def add_review_argument(parser: argparse.ArgumentParser) -> None:
    """The same folder as an argument."""
    parser.add_argument("folder", metavar="DIR", nargs="?", help="the review's folder (the same as --review DIR)")
    add_review_option(parser)


def review_folder(options: argparse.Namespace) -> Path:
    """The folder that was named, or found.

    Raises:
        InputError: when two different ones were named, or there is none.
    """
    argument, option = getattr(options, "folder", None), options.review
    if argument is not None and option is not None and Path(argument).resolve() != Path(option).resolve():
        raise InputError(f"two review folders were named: {argument} and --review {option}", hint="name one of them")
    named = argument or option
    if named is not None:
        folder = Path(named)
        if folder.name == "review.yaml" and folder.is_file():
            return folder.parent
        if not folder.is_dir():
            raise InputError(f"{named} is not a folder", hint="name the folder that holds review.yaml")
        return folder
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "review.yaml").is_file():
            return Path() if folder == here else folder
    raise InputError(
        "there is no review here: neither this folder nor one above it holds a review.yaml",
        hint="name it with --review DIR, or start one with `handful new review DIR`",
    )
