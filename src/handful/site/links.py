"""Addresses of pages, and the links of one page to the numbers of the others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from handful.words.number_index import NumberIndex

LARGEST_ADDRESS = 2000
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of text and can make an address look like another."""


def question(identifier: str) -> str:
    """Path of a question's page, from the top of the site."""
    return f"questions/{identifier}.html"


def pdf(identifier: str) -> str:
    """Path of a question's page as a PDF file, where there is one."""
    return f"questions/{identifier}.pdf"


def patients(identifier: str) -> str:
    """Path of the page with a question's people one by one."""
    return f"patients/{identifier}.html"


def place(identifier: str) -> str:
    """Path of the page on a question's place in therapy."""
    return f"places/{identifier}.html"


def evidence(identifier: str) -> str:
    """Path of the page on how a question's records became its answer."""
    return f"evidence/{identifier}.html"


def posterior(identifier: str) -> str:
    """Path of the page with a question's posterior rates."""
    return f"posteriors/{identifier}.html"


DATA = "data.html"
"""Path of the page with everything that can be downloaded, and how to cite it."""

RISK_OF_BIAS = "risk-of-bias.html"
"""Path of the page of every judgement on risk of bias."""


def bias_anchor(identifier: str) -> str:
    """Name of a judgement on that page."""
    return f"bias-{identifier}"


def risk_of_bias(identifier: str) -> str:
    """Path of a judgement."""
    return f"{RISK_OF_BIAS}#{bias_anchor(identifier)}"


def every_analysis(identifier: str) -> str:
    """Path of the page with every defensible analysis of a question."""
    return f"analyses/{identifier}.html"


def every_analysis_data(identifier: str) -> str:
    """Path of its files, without the ending."""
    return f"analyses/{identifier}"


def study(identifier: str) -> str:
    """Path of a study's page."""
    return f"studies/{identifier}.html"


def version(name: str) -> str:
    """Path of a version's page; it never changes."""
    return f"versions/{name}.html"


def methods(identifier: str) -> str:
    """Path of the page with a question's methods in full."""
    return f"methods/{identifier}.html"


def treatment(identifier: str) -> str:
    """Path of a treatment's page."""
    return f"treatments/{identifier}.html"


def instrument(identifier: str) -> str:
    """Path of an instrument's page."""
    return f"instruments/{identifier}.html"


def guidance(identifier: str) -> str:
    """Path of a guidance page."""
    return f"guidance/{identifier}.html"


def source(identifier: str) -> str:
    """Path of a source in the list of sources."""
    return f"sources.html#source-{identifier}"


def conflict(identifier: str) -> str:
    """Path of a conflict in the list of conflicts."""
    return f"conflicts.html#conflict-{identifier}"


def doi(identifier: str) -> str:
    """Address of a DOI; every character that has a meaning in addresses is escaped."""
    return "https://doi.org/" + quote(identifier, safe="/().;-_")


def outward(address: str) -> str | None:
    """The address, when it is a plain http(s) one that may be linked; everything else is shown as text."""
    if len(address) > LARGEST_ADDRESS or any(ord(c) < 33 or ord(c) == 127 or c in BIDI for c in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else None


@dataclass(frozen=True)
class Linker:
    """Links of one page: ``root`` leads to the top of the site, ``here`` and ``conflicts`` are told on this page.

    ``computed`` are names of what the page ``methods`` tells: groups side by side, what is pooled.
    """

    index: NumberIndex
    root: str
    here: Collection[str] = frozenset()
    conflicts: Collection[str] = frozenset()
    computed: Collection[str] = frozenset()
    methods: str = ""
    replies_here: bool = True
    """Whether the page has a section with readers' replies."""

    def number(self, name: str) -> str:
        """Where the number of that name is explained: on this page if it is there, else on its study's page."""
        if name in self.computed:
            return f"{self.root}{self.methods}#{name}"
        owner = self.index.study_of.get(name)
        if owner is None or name in self.here:
            return f"#{name}"
        return f"{self.root}{study(owner)}#{name}"

    def correction(self, identifier: str, number: str) -> str:
        """Where a reader's point about a number is told: on this page, or on that of the number's study."""
        owner = self.index.study_of.get(number)
        return f"{'' if self.replies_here or owner is None else self.root + study(owner)}#correction-{identifier}"

    def page(self, path: str) -> str:
        """A page of the site, seen from this one."""
        return self.root + path
