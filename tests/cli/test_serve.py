"""``handful serve``: the pages on this machine only, never a file outside the site, built again when a file changes."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.fixtures.small import change, copy_of_small_review

from handful.base.errors import InputError
from handful.cli.live import STATE_ADDRESS, LiveSite, server

PAGE = "/questions/examplinib-whole-testitis.html"


class Served:
    """A live site with its server running in a thread."""

    def __init__(self, folder: Path, work: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.live = LiveSite(folder, work, tell=self.said.append)
        self.http: ThreadingHTTPServer = server(self.live, [0])
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    def get(self, address: str, *, host: str = "127.0.0.1", method: str = "GET") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.http.server_address[1], timeout=10)
        connection.putrequest(method, address, skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read().decode("utf-8")
        connection.close()
        return answer.status, body

    def state(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.get(STATE_ADDRESS)[1])
        return found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "secret.txt").write_text("secret", encoding="utf-8")
    made = Served(copy_of_small_review(tmp_path), tmp_path / "work")
    yield made
    made.http.shutdown()
    made.http.server_close()


def test_before_the_first_build_it_says_so(served: Served) -> None:
    status, body = served.get("/")
    assert status == 200
    assert "Not built yet" in body


def test_pages_are_shown_and_look_for_a_new_build_only_here(served: Served, tmp_path: Path) -> None:
    assert served.live.build()
    for address in ("/", "/index.html", PAGE, f"{PAGE}?x=1#top"):
        status, body = served.get(address)
        assert status == 200
        assert STATE_ADDRESS in body
    assert "1 of 4" in served.get(PAGE)[1]
    assert served.get("/assets/style.css")[0] == 200
    assert STATE_ADDRESS not in served.get("/assets/style.css")[1]
    written = served.live.root
    assert written is not None
    assert all(STATE_ADDRESS not in p.read_text(encoding="utf-8") for p in written.rglob("*.html"))


@pytest.mark.parametrize(
    "address",
    [
        "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/questions/../../secret.txt", "/..\\secret.txt",
        "//etc/passwd", "/%2fetc/passwd", "/etc/passwd", "/%00", "/index.html%00.css", "/nothing",
        "/.%2e/%2e./etc/passwd",
        "/" + "a" * 5000, "/%ff%fe", "/link.txt",
    ],
)  # fmt: skip
def test_nothing_outside_the_site_is_given(address: str, served: Served) -> None:
    assert served.live.build()
    assert served.live.root is not None
    (served.live.root / "link.txt").symlink_to(served.live.work / "secret.txt")
    status, body = served.get(address)
    assert status == 404
    assert "secret" not in body.replace("secret.txt", "")
    assert "root:" not in body


def test_only_this_machine_is_answered(served: Served) -> None:
    assert served.live.build()
    assert served.http.server_address[0] == "127.0.0.1"
    assert served.get("/", host="evil.example")[0] == 403
    assert served.get(STATE_ADDRESS, host="evil.example:8000")[0] == 403
    assert served.get("/", host="localhost:8000")[0] == 200


def test_other_methods_do_nothing(served: Served) -> None:
    assert served.live.build()
    assert served.get("/", method="HEAD") == (200, "")
    assert served.get("/", method="POST")[0] == 501
    assert served.get("/", method="DELETE")[0] == 501


def test_a_change_is_built_and_a_problem_leaves_the_last_pages(served: Served) -> None:
    assert served.live.build()
    assert served.state() == {"version": 1, "problems": ""}
    assert not served.live.look(), "nothing changed"
    file = "studies/series-2019.yaml"
    change(served.folder, file, "{value: 1, at: p. 3", "{value: 2, at: p. 3")
    assert served.live.look()
    state = served.state()
    assert state["version"] == 1
    assert f"{file}:18: percentage-does-not-match-count" in str(state["problems"])
    assert "1 of 4" in served.get(PAGE)[1], "the last pages that could be built"
    change(served.folder, file, 'value: "25"', 'value: "50"')
    assert served.live.look()
    assert served.state() == {"version": 2, "problems": ""}
    assert "2 of 4" in served.get(PAGE)[1]


def test_results_and_hidden_files_are_not_watched(served: Served) -> None:
    (served.folder / "results").mkdir()
    (served.folder / "results" / "x.json").write_text("{}", encoding="utf-8")
    (served.folder / ".swap").write_text("", encoding="utf-8")
    assert not served.live.look()
    (served.folder / "questions" / "note.txt").write_text("", encoding="utf-8")
    assert served.live.look()


def test_a_port_that_is_taken_is_said(served: Served) -> None:
    taken = served.http.server_address[1]
    with pytest.raises(InputError, match="is not free"):
        server(served.live, [taken])
    other = server(served.live, [taken, 0])
    other.server_close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_interrupted(number: signal.Signals, tmp_path: Path) -> None:
    folder = copy_of_small_review(tmp_path)
    command = [sys.executable, "-u", "-m", "handful", "serve", str(folder), "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        address = run.stdout.readline()
        match = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\n", address)
        assert match, address
        connection = http.client.HTTPConnection("127.0.0.1", int(match[1]), timeout=10)
        connection.request("GET", PAGE)
        assert "1 of 4" in connection.getresponse().read().decode("utf-8")
        connection.close()
        run.send_signal(number)
        try:
            assert run.wait(timeout=30) == 0
        finally:
            run.kill()
        assert "Traceback" not in run.stderr.read()
    assert not (folder / "results").exists(), "serving writes nothing into the review"
