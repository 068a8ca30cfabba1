"""Browser tests: run where Chromium is found, counted aloud where it is not, and a failure on a build machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_left_out = pytest.StashKey[int]()


def find_chromium() -> Path | None:
    """The first Chromium on the path; ``CHROMIUM=/path/to/it`` chooses one."""
    for name in (os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES):
        found = shutil.which(name) if name else None
        if found:
            return Path(found)
    return None


def on_a_build_machine() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false", "no"}


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The path of a Chromium to drive. A test that asks for it is a browser test."""
    found = find_chromium()
    if found is None:  # not reached: the collection hook below has left the test out
        pytest.skip("no Chromium on this machine")
    return found


@pytest.fixture(scope="session")
def repository() -> Path:
    """The top of the working copy."""
    return Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_left_out] = 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = find_chromium() is None
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
        if missing and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


class _Count:
    """Counts the browser tests left out. With pytest-xdist the reports of the workers arrive here too."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "setup" and report.skipped and "browser" in report.keywords and find_chromium() is None:
            self.config.stash[_left_out] += 1


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.pluginmanager.register(_Count(session.config), "browser-tests-left-out")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.stash[_left_out] and on_a_build_machine() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line, after pytest's own."""
    if hasattr(config, "workerinput"):
        return
    left_out = config.stash.get(_left_out, 0)
    if left_out:
        what = f"{left_out} browser test{'s' if left_out > 1 else ''} left out: no Chromium found"
        advice = "CI is set, so that is a failure" if on_a_build_machine() else "install chromium to run them"
        print(f"{what} ({advice})")
