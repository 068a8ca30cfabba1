"""Start a review, a study or a question from a template.

`new review DIR` makes a small review that passes `handful check` and that `handful build` turns into pages; everything
in it is an example to replace. `new study ID` and `new question ID` add files to fill in: `handful check` says what is
still missing. Nothing that is there already is ever overwritten."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

from handful.cli.folder import add_review_option, review_folder
from handful.cli.say import message, result

EPILOG = """examples:
  handful new review my-review
  handful new study smith-2024 --review my-review
  handful new study smith-2024 --design randomised --treatment dupilumab
  handful new question dupilumab-children"""

TEMPLATES = Path(__file__).parent / "templates"
SCHEMA_FOLDER = ".handful/schemas"
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_ID = 80


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful new``."""
    parser.add_argument("what", choices=["review", "study", "question"], help="what to start")
    parser.add_argument("name", metavar="NAME", help="the folder of the review, or the id of the study or question")
    parser.add_argument("--design", default="case-series", help="of a study (default: case-series)")
    parser.add_argument("--treatment", default="", help="of a study or question: the id of a treatment")
    add_review_option(parser)


def run(options: argparse.Namespace) -> int:
    """Runs it."""
    if options.what == "review":
        folder = Path(options.name)
        made = _review(folder)
    else:
        _checked_id(options.name)
        folder = review_folder(options)
        made = _study(folder, options) if options.what == "study" else _question(folder, options)
    _write(folder, made)
    for name in sorted(made):
        if not name.startswith("."):
            result(str(folder / name))
    _next_step(options.what, folder)
    return 0


def _checked_id(name: str) -> None:
    from handful.base.errors import InputError

    if not ID.fullmatch(name) or len(name) > LONGEST_ID:
        shown = name if len(name) <= LONGEST_ID else name[:LONGEST_ID] + "…"
        raise InputError(
            f"{shown!r} cannot be an id",
            hint=f"lower-case letters, digits and single hyphens, at most {LONGEST_ID}: for example harada-2020",
        )


def _review(folder: Path) -> dict[str, str]:
    """The files of a new review, by their path in it."""
    from handful.base.errors import HandfulError

    if folder.exists() and not folder.is_dir():
        raise HandfulError(f"{folder} is a file", hint="name a folder that does not exist yet")
    words = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")[:LONGEST_ID].strip("-") or "review"
    made = _schemas()
    for path in sorted((TEMPLATES / "review").rglob("*.*")):
        name = path.relative_to(TEMPLATES / "review").as_posix()
        made[name] = _filled(path, {"id": words}, name, schemas=True)
    return made


def _study(folder: Path, options: argparse.Namespace) -> dict[str, str]:
    """A study and its source."""
    from typing import get_args

    from handful.base.errors import UnknownChoice
    from handful.records.study import Design

    if options.design not in get_args(Design):
        raise UnknownChoice("--design", options.design, get_args(Design))
    words = {**_declared(folder, options.treatment), "id": options.name, "design": options.design}
    made = {}
    for template, name in (("study", f"studies/{options.name}.yaml"), ("source", f"sources/{options.name}.yaml")):
        made[name] = _filled(TEMPLATES / "study" / f"{template}.yaml", words, name, schemas=_has_schemas(folder))
    return made


def _question(folder: Path, options: argparse.Namespace) -> dict[str, str]:
    """A question and the text of its page."""
    words = {**_declared(folder, options.treatment), "id": options.name}
    made = {}
    for suffix in ("yaml", "md"):
        name = f"questions/{options.name}.{suffix}"
        made[name] = _filled(TEMPLATES / "question" / f"question.{suffix}", words, name, schemas=_has_schemas(folder))
    return made


def _declared(folder: Path, treatment: str) -> dict[str, str]:
    """What the review declares, for the comments of a template; broken files are told by ``handful check``."""
    from handful.base.errors import UnknownChoice
    from handful.review import read_review

    review, _ = read_review(folder)

    def few(names: list[str]) -> str:
        return ", ".join(names[:8]) + (" …" if len(names) > 8 else "") if names else "none yet"

    treatments = list(review.records.treatments) if review else []
    if treatment and treatments and treatment not in treatments:
        raise UnknownChoice("--treatment", treatment, treatments)
    return {
        "treatment": treatment,
        "treatments": few(treatments),
        "outcomes": few(list(review.records.outcomes) if review else []),
        "attributes": few(list(review.about.attributes) if review else []),
    }


def _filled(path: Path, words: Mapping[str, str], name: str, *, schemas: bool) -> str:
    """The template with its words put in; a YAML file begins with the line that tells editors its schema."""
    from string import Template

    from handful.base.yaml_files import canonical_text
    from handful.file_types import file_type_of

    text = Template(path.read_text(encoding="utf-8")).safe_substitute(words)
    if not name.endswith(".yaml"):
        return text
    kind = file_type_of(name)
    if schemas and kind is not None:
        up = "../" * name.count("/")
        text = f"# yaml-language-server: $schema={up}{SCHEMA_FOLDER}/{kind.schema_file}\n{text}"
    return canonical_text(text)


def _schemas() -> dict[str, str]:
    """The schemas, copied into the review so that an editor finds them without a network."""
    shipped = Path(__file__).parents[1] / "schemas"
    return {f"{SCHEMA_FOLDER}/{path.name}": path.read_text(encoding="utf-8") for path in sorted(shipped.glob("*.json"))}


def _has_schemas(folder: Path) -> bool:
    return (folder / SCHEMA_FOLDER).is_dir()


def _write(folder: Path, made: Mapping[str, str]) -> None:
    """All of the files, or none when one of them is there already."""
    from handful.base.errors import HandfulError
    from handful.base.files import inside, write_whole

    there = sorted(name for name in made if (folder / name).exists() or (folder / name).is_symlink())
    if there:
        listed = ", ".join(str(folder / name) for name in there[:5]) + (" …" if len(there) > 5 else "")
        raise HandfulError(f"already there: {listed}", hint="nothing was written; choose another name")
    folder.mkdir(parents=True, exist_ok=True)
    paths = {inside(folder, name): text for name, text in made.items()}
    for path, text in paths.items():
        write_whole(path, text)


def _next_step(what: str, folder: Path) -> None:
    shown = "" if str(folder) == "." else f" {folder}"
    if what == "review":
        message(f"\nA small review to start from. Next: `handful check{shown}`, then `handful serve{shown}`.")
    else:
        message(f"\nFill in what follows each colon; `handful check{shown}` says what is still missing.")
