"""The pages of a review on this machine, built again whenever a file of the review changes; the browser follows.

Only this machine can see them. Problems are shown on the page and here; the last pages that could be built stay."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from handful.cli.folder import add_review_argument, review_folder
from handful.cli.say import message, result

if TYPE_CHECKING:
    import threading

EPILOG = """examples:
  handful serve
  handful serve reviews/alopecia-areata -p 8123

Stop it with Ctrl-C."""

USUAL_PORT = 8000
PORTS_TRIED = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``handful serve``."""
    add_review_argument(parser)
    parser.add_argument(
        "-p",
        "--port",
        type=int,
        metavar="PORT",
        help=f"the port (default: {USUAL_PORT}, or the next free; 0: any free)",
    )


def run(options: argparse.Namespace) -> int:
    """Runs it until it is interrupted."""
    import tempfile
    import threading
    from pathlib import Path

    from handful.base.errors import InputError
    from handful.cli.live import LiveSite, server

    if options.port is not None and not 0 <= options.port <= 65535:
        raise InputError(f"there is no port {options.port}", hint="a number from 0 to 65535, for example 8000")
    folder = review_folder(options)
    with tempfile.TemporaryDirectory(prefix="handful-") as work:
        live = LiveSite(folder, Path(work), tell=message)
        ports = [options.port] if options.port is not None else range(USUAL_PORT, USUAL_PORT + PORTS_TRIED)
        http = server(live, ports)
        live.build()
        result(f"http://127.0.0.1:{http.server_address[1]}/")
        message("Stop with Ctrl-C.")
        live.watch()
        stop = _until_interrupted()
        shown = threading.Thread(target=http.serve_forever, args=(0.2,), daemon=True, name="handful-serve")
        shown.start()
        try:
            while not stop.wait(1):
                pass
        finally:
            live.stop()
            http.shutdown()
            http.server_close()
    message("")
    return 0


def _until_interrupted() -> threading.Event:
    """An event that Ctrl-C (or being asked to end) sets: no exception is thrown into whatever is running just then."""
    import signal
    import threading

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
