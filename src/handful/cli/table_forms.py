"""The tables that ``handful pool`` knows: which columns make which kind of evidence, and what they may be called."""

from __future__ import annotations

from dataclasses import dataclass

LABEL = ("label", "labels", "study", "name", "slab", "studlab")
ARM = ("arm", "treatment", "group", "trt")


@dataclass(frozen=True)
class Column:
    """One column: its plain name, what else it may be called, and what stands in it.

    ``holds``: ``count`` (a whole number of at least 0), ``above-0``, ``number``, ``not-negative``; ``estimate`` and
    ``spread`` may be empty, and the study is then left out with a note.
    """

    name: str
    holds: str
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All accepted names, the plain one first."""
        return (self.name, *self.others)


@dataclass(frozen=True)
class Form:
    """One kind of table: the evidence it makes, its columns, and which count may not exceed which."""

    makes: str
    columns: tuple[Column, ...]
    not_more: tuple[tuple[str, str], ...] = ()


def _count(name: str, *others: str) -> Column:
    return Column(name, "count", others)


_EVENTS = _count("events", "event", "x", "xi", "r", "ei", "responders", "cases")
_TOTAL = _count("total", "totals", "n", "ni", "people")
_TIME = Column("time", "above-0", ("ti", "person-time", "person-years"))
_EVENTS1, _EVENTS2 = (
    _count("events1", "ai", "event1", "e1", "event.e"),
    _count("events2", "ci", "event2", "e2", "event.c"),
)
_MEAN1 = (_count("n1", "n1i", "n.e"), Column("mean1", "number", ("m1i", "mean.e")),
          Column("sd1", "not-negative", ("sd1i", "sd.e")))  # fmt: skip
_MEAN2 = (_count("n2", "n2i", "n.c"), Column("mean2", "number", ("m2i", "mean.c")),
          Column("sd2", "not-negative", ("sd2i", "sd.c")))  # fmt: skip
_YI = Column("yi", "estimate", ("estimate", "te", "effect"))

#: in the order in which they are looked for: a table with counts and estimates is a table of counts
FORMS = (
    Form(
        "two_arms",
        (_EVENTS1, _count("total1", "totals1", "n1i", "n1", "n.e"), _EVENTS2,
         _count("total2", "totals2", "n2i", "n2", "n.c")),
        (("events1", "total1"), ("events2", "total2")),
    ),
    Form("two_arms", (_EVENTS1, _count("others1", "bi"), _EVENTS2, _count("others2", "di"))),
    Form(
        "two_arm_rates",
        (_count("events1", "x1i", "event.e"), Column("time1", "above-0", ("t1i", "time.e")),
         _count("events2", "x2i", "event.c"), Column("time2", "above-0", ("t2i", "time.c"))),
    ),
    Form("two_means", (*_MEAN1, *_MEAN2)),
    Form("one_arm", (_EVENTS, _TOTAL), (("events", "total"),)),
    Form("one_arm_rates", (_EVENTS, _TIME)),
    Form("estimates", (_YI, Column("vi", "spread", ("variance",)))),
    Form("estimates", (_YI, Column("sei", "spread", ("se", "sete", "standard-error")))),
)  # fmt: skip

ACCEPTED = "; ".join(", ".join(column.name for column in form.columns) for form in FORMS)


def place_of(names: tuple[str, ...], header: list[str]) -> int | None:
    """Where the first of these names stands in the header."""
    return next((header.index(name) for name in names if name in header), None)


def found_in(form: Form, header: list[str]) -> dict[str, int]:
    """The columns of a form that the header has, and where."""
    places = {column.name: place_of(column.names, header) for column in form.columns}
    return {name: place for name, place in places.items() if place is not None}


def form_of(header: list[str]) -> tuple[Form, list[str]]:
    """The form that a header is of, and what it lacks: nothing, or the columns of the nearest form."""
    for form in FORMS:
        if len(found_in(form, header)) == len(form.columns):
            return form, []
    counts = [form for form in FORMS if form.makes in ("one_arm", "estimates", "two_arms", "two_means")]
    near = max(counts, key=lambda form: (len(found_in(form, header)) / len(form.columns), form.makes == "one_arm"))
    if not found_in(near, header):
        near = next(form for form in FORMS if form.makes == "one_arm")
    there = found_in(near, header)
    return near, [column.name for column in near.columns if column.name not in there]
