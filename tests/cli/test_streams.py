"""How the program ends: statuses, streams, locale, a reader that goes away, an interrupt, a fault of its own."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.command import here, program
from tests.fixtures.small import SMALL_REVIEW, copy_of_small_review

import handful
from handful.cli import main


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    ran = here(capsys, "--version")
    assert (ran.status, ran.out) == (0, f"handful {handful.__version__}\n")


def test_help_names_every_command_and_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    top = here(capsys, "--help")
    assert top.status == 0
    for command, what in main.COMMANDS.items():
        assert re.search(rf"^ +{command}\s", top.out, re.MULTILINE), command
        assert what[:40] in top.out
        ran = here(capsys, command, "--help")
        assert ran.status == 0
        assert "examples:" in ran.out
        assert f"handful {command}" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["chek"], ["check", "--nonsense"], ["check", "a", "b"], ["trace"], ["new", "thing", "x"], ["new", "study"],
        ["--review"], ["show", "a", "b"], ["schema", "studdy"], ["schema", "study", "--all"], ["schema", "-o", "x"],
        ["serve", "-p", "99999", str(SMALL_REVIEW)], ["serve", "-p", "x"],
        ["check", str(SMALL_REVIEW), "--review", "."], ["show", "no-such-question", "--review", str(SMALL_REVIEW)],
        ["trace", "examplinib-whole-testitis", "--group", "nobody", "--review", str(SMALL_REVIEW)],
        ["build", "no-such-folder"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_2_and_says_so_on_standard_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    ran = here(capsys, *arguments)
    assert ran.status == 2, ran.said
    assert ran.out == ""
    assert ran.err


def test_the_review_is_found_from_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_of_small_review(tmp_path)
    monkeypatch.chdir(folder / "studies")
    assert here(capsys, "check").status == 0
    monkeypatch.chdir(tmp_path)
    ran = here(capsys, "check")
    assert ran.status == 2
    assert "there is no review here" in ran.err
    for arguments in (
        ["--review", "small-review", "check"],
        ["check", "--review", "small-review"],
        ["check", "small-review"],
        ["check", "small-review/review.yaml"],
        ["--review", "small-review", "check", "small-review"],
    ):
        assert here(capsys, *arguments).status == 0, arguments


def test_a_plain_locale_still_gets_utf8() -> None:
    arguments = ["trace", "examplinib-whole-testitis", "--review", SMALL_REVIEW]
    plain = program(*arguments, LANG="C", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert plain.status == 0, plain.err
    assert "←" in plain.out
    assert plain.out == program(*arguments, LC_ALL="C.UTF-8").out


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "handful", "schema", "study"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        err = run.stderr.read().decode()
        assert run.wait(timeout=60) == 141
    assert err == ""


def test_a_stream_closed_from_the_start_is_no_error() -> None:
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        command = f'"{sys.executable}" -m handful schema study {closed}'
        run = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=60)
        assert run.returncode == 0, (closed, run.stderr)
        assert run.stderr == b""


def test_problems_are_json_where_json_was_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "a review"
    shutil.copytree(SMALL_REVIEW, folder)
    (folder / "studies" / "broken.yaml").write_text("a: [1", encoding="utf-8")
    for command in ("build", "show", "update"):
        ran = here(
            capsys, command, "--json", "--review", folder, *(["-o", tmp_path / "out"] if command == "build" else [])
        )
        assert ran.status == 1
        told = json.loads(ran.out)
        assert told["ok"] is False
        assert told["problems"][0]["file"] == "studies/broken.yaml"
        assert "broken-yaml" in ran.err


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_ends_quietly() -> None:
    command = [sys.executable, "-m", "handful", "pool", "-"]
    pipe = subprocess.PIPE
    # a shell starts what runs in the background deaf to interrupts, and that is handed on: begin as from a terminal
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, preexec_fn=_hear_interrupts) as run:
        assert run.stderr is not None
        time.sleep(1.0)  # it is waiting for its input by then
        run.send_signal(signal.SIGINT)
        try:
            assert run.wait(timeout=60) == 130
        finally:
            run.kill()
        err = run.stderr.read().decode()
    assert "Traceback" not in err


def test_a_fault_of_the_program_is_one_line_and_how_to_report_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by hand")

    monkeypatch.setattr("handful.check.check_review", broken)
    monkeypatch.delenv("HANDFUL_DEBUG", raising=False)
    ran = here(capsys, "check", SMALL_REVIEW)
    assert ran.status == 1
    assert "this should not have happened (ZeroDivisionError: by hand)" in ran.err
    assert "Please report it" in ran.err
    assert "Traceback" not in ran.err
    monkeypatch.setenv("HANDFUL_DEBUG", "1")
    assert "Traceback" in here(capsys, "check", SMALL_REVIEW).err


def test_problems_are_results_and_the_summary_is_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = here(capsys, "check", SMALL_REVIEW)
    assert (ran.status, ran.out) == (0, "")
    assert ran.err.endswith("no problems; 1 known fault of sources, declared\n")
    known = here(capsys, "check", "--known", SMALL_REVIEW)
    assert "studies/trial-2021.yaml:35: percentage-fits-no-count" in known.out
