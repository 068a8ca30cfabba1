"""Questions worked out by several processes at once, or by this one; the bytes are the same.

Each process is a fresh Python that is handed one question after the other with the part of the review it needs, and
hands its files back. Nothing is imported from the program that builds, so it may be a script, a notebook or a prompt. A
process that cannot be started or dies leaves its question to this one, which also tells what was wrong.
"""

from __future__ import annotations

import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any

from handful.site.one_question import Made, Task, make

_CODE = "from handful.site.workers import serve; serve()"
FEWEST = 8
"""A further process is worth its start from so many questions on."""


def jobs_for(questions: int, asked: int | None) -> int:
    """How many processes: those asked for, else as many as there are processors and questions to keep them busy."""
    if asked is not None:
        return max(1, min(asked, questions))
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # not every system tells which are ours
        processors = os.cpu_count() or 1
    return max(1, min(processors, questions // FEWEST))


def make_each(names: Sequence[str], task: Callable[[str], Task], jobs: int) -> Iterator[tuple[str, Made]]:
    """Every question worked out, in the order in which they are done."""
    if jobs <= 1 or not sys.executable:
        yield from ((name, make(task(name))) for name in names)
        return
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in names:
        waiting.put(name)
    done: queue.SimpleQueue[tuple[str, Made | None] | None] = queue.SimpleQueue()
    workers = [worker for _ in range(jobs) if (worker := _started()) is not None]
    threads = [threading.Thread(target=_feed, args=(worker, waiting, task, done), daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    left: list[str] = []
    try:
        running = len(threads)
        while running:
            found = done.get()
            if found is None:
                running -= 1
            elif found[1] is None:
                left.append(found[0])
            else:
                yield found[0], found[1]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        for thread in threads:
            thread.join()
        for worker in workers:
            for pipe in (worker.stdin, worker.stdout):
                with suppress(OSError):  # what was not handed over any more
                    pipe.close()  # type: ignore[union-attr]
    while not waiting.empty():  # no process took them
        left.append(waiting.get())
    yield from ((name, make(task(name))) for name in left)


def _started() -> subprocess.Popen[bytes] | None:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", _CODE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
    except OSError:
        return None


def _feed(
    worker: subprocess.Popen[bytes],
    waiting: queue.SimpleQueue[str],
    task: Callable[[str], Task],
    done: queue.SimpleQueue[tuple[str, Made | None] | None],
) -> None:
    """Hands questions to one process until none is left or the process is gone."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        while True:
            try:
                name = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                _send(worker.stdin, task(name))
                made = _received(worker.stdout)
            except Exception:  # the process is gone, or the part cannot be handed over
                done.put((name, None))
                return
            done.put((name, made if isinstance(made, Made) else None))
    finally:
        done.put(None)


def serve() -> None:
    """What a process does: reads questions from its input, writes what was made of each to its output."""
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing else may write between the answers
    while (task := _received(source)) is not None:
        try:
            made: Made | None = make(task)
        except Exception:  # told by the process that asked, which tries again
            made = None
        _send(answers, made)


def _send(to: IO[bytes], value: object) -> None:
    data = pickle.dumps(value, protocol=5)
    to.write(struct.pack(">Q", len(data)))
    to.write(data)
    to.flush()


def _received(source: IO[bytes]) -> Any:
    head = source.read(8)
    if len(head) < 8:
        return None
    data = source.read(struct.unpack(">Q", head)[0])
    return pickle.loads(data)


__all__ = ["jobs_for", "make_each", "serve"]
