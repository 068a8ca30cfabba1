"""Terms a reader may not know: all of them on a page, and those of a text beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from handful.site.site import Site
from handful.site.views.instrument import Explained, GlossaryPage
from handful.words.glossary import Term, glossary, terms_in, terms_of_a_review
from handful.words.names import slug

PATH = "glossary.html"


def terms(site: Site) -> tuple[Term, ...]:
    """The review's own terms, names that explain themselves, and those that every review shares."""
    about = site.review.about
    named = [name for values in about.attributes.values() for name in values.values()]
    own = terms_of_a_review(about.glossary, named)
    known = {t.name.lower() for t in own}
    return (*own, *(t for t in glossary() if t.name.lower() not in known))


def glossary_page(site: Site) -> GlossaryPage:
    """All terms by name."""
    found = sorted(terms(site), key=lambda t: t.name.lower())
    return GlossaryPage(
        page=site.page(PATH, "Words explained"),
        terms=tuple(_explained(term) for term in found),
    )


def explained(site: Site, texts: Iterable[str]) -> tuple[Explained, ...]:
    """The terms that these texts use, in the order of their first use."""
    plain = re.sub(r"<[^>]*>", " ", " ".join(texts))
    return tuple(_explained(used.term) for used in terms_in(plain, terms(site)))


def _explained(term: Term) -> Explained:
    return Explained(f"term-{slug(term.name)}", term.name, term.means, ", ".join(term.also))


__all__ = ["PATH", "explained", "glossary_page", "terms"]
