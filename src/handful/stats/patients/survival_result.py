"""What ``time_to_event`` returns: the curve as steps, with limits at each."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np

from handful.base.errors import InputError
from handful.base.notes import Note
from handful.stats.columns import FloatArray, IntArray
from handful.stats.fit_text import Rows, number, plain
from handful.stats.results import Interval, NotEstimable


@dataclass(frozen=True, eq=False)
class TimeToEvent:
    """A Kaplan–Meier curve. Row j holds from ``times[j]`` until the next: ``survival`` (the share without the event),
    ``low`` and ``high``; ``at_risk`` just before, ``events`` and ``censored`` at that time. Row 0 is time 0.

    ``median`` is the time by which half have had the event, with its limits (infinite where the curve's limit does not
    come down to a half).
    """

    times: FloatArray
    at_risk: IntArray
    events: IntArray
    censored: IntArray
    survival: FloatArray
    low: FloatArray
    high: FloatArray
    level: float
    method: str
    people: int
    median: Interval | NotEstimable
    notes: tuple[Note, ...]

    def at(self, time: float) -> Interval | NotEstimable:
        """The share without the event at ``time``, with its limits."""
        return self._interval(time, had=False)

    def had_event_by(self, time: float) -> Interval | NotEstimable:
        """The share that has had the event by ``time``, responders for example, with its limits."""
        return self._interval(time, had=True)

    def _interval(self, time: float, *, had: bool) -> Interval | NotEstimable:
        if isinstance(time, bool) or not isinstance(time, (int, float)) or not 0 <= time < np.inf:
            raise InputError(f"time={time!r} is not a number of at least 0")
        if time > self.times[-1] and self.survival[-1] > 0:
            return NotEstimable(f"nobody was followed to {time:g}; the longest follow-up is {self.times[-1]:g}")
        j = int(np.searchsorted(self.times, time, side="right")) - 1
        s, low, high = (float(c[j]) for c in (self.survival, self.low, self.high))
        values = (1 - s, 1 - high, 1 - low) if had else (s, low, high)
        return Interval(*values, self.level, self.method)

    def at_risk_at(self, times: Any) -> IntArray:
        """How many are still followed without the event just before each time."""
        asked = np.asarray(times, dtype=np.float64)
        left = np.append(self.at_risk, 0)
        return np.asarray(left[np.searchsorted(self.times, asked, side="left")])

    def _rows(self) -> Rows:
        names = ("times", "at_risk", "events", "censored", "survival", "low", "high")
        return Rows({n: plain(getattr(self, n)[j]) for n in names} for j in range(len(self.times)))

    def to_frame(self) -> Any:
        """One row a step: a pandas DataFrame, or a list of dicts where pandas is absent."""
        try:
            import pandas
        except ImportError:
            return self._rows()
        return pandas.DataFrame(list(self._rows()))

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON takes it."""
        median = self.median.to_dict() if isinstance(self.median, Interval) else plain(self.median)
        return {
            "people": self.people,
            "level": self.level,
            "method": self.method,
            "median": median,
            "steps": list(self._rows()),
            "notes": [{"code": n.code, "text": n.text, "about": n.about} for n in self.notes],
        }

    def _headline(self) -> str:
        m = self.median
        words = (
            m.reason
            if isinstance(m, NotEstimable)
            else f"{number(m.estimate)} ({number(m.low)} to {number(m.high)}), {100 * self.level:g} % {self.method}"
        )
        return f"{int(self.events.sum())} events in {self.people} people; median {words}"

    def __str__(self) -> str:
        rows = self._rows()
        shown = Rows(rows[:20])
        more = f"\n… and {len(rows) - 20} more steps" if len(rows) > 20 else ""
        return "\n".join([self._headline(), f"{shown}{more}", *(f"note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        names = ("times", "at_risk", "events", "censored", "survival", "low", "high")
        head = "".join(f'<th scope="col">{name.replace("_", " ")}</th>' for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{number(row[name])}</td>" for name in names) + "</tr>" for row in self._rows()[:50]
        )
        notes = "".join(f"<p>{html.escape(str(note))}</p>" for note in self.notes)
        caption = f"<caption>{html.escape(self._headline())}</caption>"
        return f'<table class="handful-fit">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}'
