"""Writes docs/reference/cli.md from the commands' own help; ``--check`` only says whether it is current."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs/reference/cli.md"

HEAD = """# The command line

Made from the commands' own help by `scripts/write_cli_reference.py`; a test holds it current.

Results go to standard output, messages to standard error. Exit status: 0 fine, 1 problems found, 2 wrong usage.
The review is the folder one stands in (or the nearest above it with a `review.yaml`), or `--review DIR`.
"""


def page() -> str:
    """The whole page."""
    os.environ["COLUMNS"] = "100"  # argparse breaks lines to the width of the terminal
    from handful.cli.main import COMMANDS, parser

    parts = [HEAD, f"## handful\n\n```text\n{parser().format_help().rstrip()}\n```\n"]
    for name in COMMANDS:
        part = _subparser(name)
        parts.append(f"## handful {name}\n\n```text\n{part.rstrip()}\n```\n")
    return "\n".join(parts)


def _subparser(name: str) -> str:
    """The help of one command, as it prints it."""
    import contextlib
    import io

    from handful.cli.main import parser

    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        parser(name).parse_args([name, "--help"])
    return said.getvalue()


def main(arguments: list[str]) -> int:
    """Writes the page, or checks it."""
    made = page()
    if "--check" in arguments:
        if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == made:
            return 0
        print("docs/reference/cli.md is not current: run scripts/write_cli_reference.py", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
