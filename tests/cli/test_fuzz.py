"""Whatever a file is changed into, the answer is words: a report or an answer, never a fault of the program."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fixtures.small import SMALL_REVIEW

from handful.check import check_review
from handful.counts.count import count
from handful.question.select import select

FILES = sorted(
    p.relative_to(SMALL_REVIEW).as_posix() for p in SMALL_REVIEW.rglob("*") if p.suffix in (".yaml", ".md", ".csv")
)
ODD = [
    "", "-1", "0", "99999999999999999999", "1e400", ".nan", ".inf", "~", "null", "true", "yes", "[]", "{}", "[[]]",
    "{a: {b: c}}", "'", "\"", ": ", "- ", "\t", "\n", "\r\n", "#", "&a ", "*a", "!!str ", "!x ", "|", ">", "%", "@",
    "`", "? ", "---\n", "...\n", "../..", "/etc/passwd", "\0", "\ufeff", "\u2028", "\U0001f600", "not reported",
    "2020-02-30", "{{ x }}", "{% if %}", "}}", "1 of 4", "a" * 300, "id", "value", "source", "[1, 2", "{a: ",
    "examplinib", "0x10", "1_000", "12:30:45", "<<: {a: b}\n",
]  # fmt: skip


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[str, str, float, float, str]]:
    """A few edits: in which file, what kind, where, how much, and what is put there."""
    one = st.tuples(
        st.sampled_from(FILES),
        st.sampled_from(["replace", "insert", "delete", "word", "line", "double", "swap"]),
        st.floats(0, 1),
        st.floats(0, 1),
        st.sampled_from(ODD),
    )
    return draw(st.lists(one, min_size=1, max_size=3))


def _changed(text: str, kind: str, where: float, size: float, new: str) -> str:
    at = int(where * len(text))
    if kind == "insert":
        return text[:at] + new + text[at:]
    if kind in ("replace", "delete"):
        end = min(len(text), at + 1 + int(size * 12))
        return text[:at] + (new if kind == "replace" else "") + text[end:]
    if kind == "word":  # a whole value, from the colon to the end of the line
        start = text.find(": ", at)
        end = text.find("\n", start)
        return text if start < 0 or end < 0 else text[: start + 2] + new + text[end:]
    lines = text.splitlines(keepends=True)
    row = min(int(where * len(lines)), len(lines) - 1) if lines else 0
    other = min(int(size * len(lines)), len(lines) - 1) if lines else 0
    if not lines:
        return text
    if kind == "line":
        lines[row] = new + "\n"
    elif kind == "double":
        lines.insert(row, lines[row])
    else:
        lines[row], lines[other] = lines[other], lines[row]
    return "".join(lines)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes())
def test_changed_files_give_a_report_or_an_answer(edits: list[tuple[str, str, float, float, str]]) -> None:
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "small-review"
        shutil.copytree(SMALL_REVIEW, folder)
        for name, kind, where, size, new in edits:
            path = folder / name
            changed = _changed(path.read_bytes().decode("utf-8"), kind, where, size, new)
            path.write_bytes(changed.encode("utf-8"))
        review, report = check_review(folder)
        for problem in (*report, *report.known):
            assert problem.line >= 1
            assert problem.code
            assert problem.message
            assert len(problem.message) < 2000
            assert (folder / problem.file).exists() or problem.code == "missing-file"
            lines = (folder / problem.file).read_bytes().count(b"\n") if (folder / problem.file).is_file() else 0
            assert problem.line <= lines + 2, str(problem)
        assert (review is None) == bool(report.problems)
        if review is not None:
            for question in review.questions.values():
                count(select(review.records, question))
