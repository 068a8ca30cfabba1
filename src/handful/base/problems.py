"""What is wrong with the input: every problem at once, each with its place and its remedy."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: where (file, line), what (code, message), and what to do (hint)."""

    file: str
    line: int
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        head = f"{self.file}:{self.line}: {self.code}: {self.message}"
        return head + "".join(f"\n  {line}" for line in self.hint.splitlines() if line)


@dataclass(frozen=True, slots=True)
class Report:
    """All problems of one look, in the order of files and lines.

    ``known`` are faults of sources that were declared; ``told`` is worth a look and no fault.
    """

    problems: tuple[Problem, ...] = ()
    known: tuple[Problem, ...] = ()
    told: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)

    def __len__(self) -> int:
        return len(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(p) for p in self.problems)

    def to_json(self) -> str:
        """The report as JSON text."""
        body = {
            "ok": self.ok,
            "problems": [asdict(p) for p in self.problems],
            "known": [asdict(p) for p in self.known],
            "told": [asdict(p) for p in self.told],
        }
        return json.dumps(body, ensure_ascii=False, indent=2)


def report(problems: Iterable[Problem], known: Iterable[Problem] = (), told: Iterable[Problem] = ()) -> Report:
    """A report without repetitions, sorted by place."""
    return Report(tuple(sorted(set(problems))), tuple(sorted(set(known))), tuple(sorted(set(told))))


class ReviewProblems(Exception):
    """Raised by verbs that cannot go on; carries the whole report."""

    def __init__(self, found: Report) -> None:
        super().__init__(str(found))
        self.report = found


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """'did you mean `x`?' for the nearest known word, else the list of what is known (at most a dozen)."""
    choices = sorted(set(known))
    close = difflib.get_close_matches(str(word), choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    if not choices:
        return "nothing of that kind is declared"
    shown = ", ".join(choices[:12]) + (", …" if len(choices) > 12 else "")
    return f"accepted: {shown}"
