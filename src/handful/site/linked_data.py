"""What a page says of itself to other programs: schema.org as JSON-LD. Data, never code.

Vocabulary: https://schema.org/MedicalScholarlyArticle and https://schema.org/Dataset
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from handful.exports.data_package import licence
from handful.site import links
from handful.site.markup import clean_text
from handful.site.site import Site
from handful.site.views import Page
from handful.synthesis.synthesis import Synthesis

CONTEXT = "https://schema.org"
LICENCES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
}
NOT_ADVICE = "Not medical advice."


def article(site: Site, page: Page, answer: Synthesis, citation: str) -> Markup:
    """A question's page as a scholarly article."""
    about = site.review.about
    question = answer.question
    treatments = [site.review.records.treatment_name(t) for t in question.treatment.ids]
    said: dict[str, Any] = {
        "@type": "MedicalScholarlyArticle",
        "@id": _address(site, links.question(question.id), page.root),
        "headline": page.heading,
        "alternativeHeadline": question.title,
        "publicationType": "Systematic review, living" if about.last_search != "none" else "Review, living",
        "about": [{"@type": "MedicalCondition", "name": about.condition}]
        + [{"@type": "MedicalTherapy", "name": name} for name in treatments],
        "creditText": citation,
        "isBasedOn": {"@id": _address(site, links.DATA, page.root)},
        "isPartOf": {"@id": _address(site, "index.html", page.root)},
    }
    return _script(said | _common(site))


def dataset(site: Site, page: Page) -> Markup:
    """The data of the review, as they can be had."""
    about = site.review.about
    said: dict[str, Any] = {
        "@type": "Dataset",
        "@id": _address(site, links.DATA, page.root),
        "name": f"{about.title}: records and results",
        "description": f"{about.summary or about.title} Every number with the place it was read in.",
        "creditText": citation(site),
        "distribution": [
            {"@type": "DataDownload", "contentUrl": _address(site, name, page.root), "encodingFormat": kind}
            for name, kind in (
                ("datapackage.json", "application/json"),
                ("review.zip", "application/zip"),
                ("data/counts.csv", "text/csv"),
            )
        ],
    }
    return _script(said | _common(site))


def citation(site: Site) -> str:
    """How to cite the review as a whole."""
    from handful.base.wording import capital, human_list

    about = site.review.about
    who = capital(human_list([p.name for p in about.people]))
    released = {version.version: version.on for version in site.review.versions}.get(about.version)
    return f"{who}. {about.title} (living review), version {about.version}{f', {released}' if released else ''}."


def _common(site: Site) -> dict[str, Any]:
    about = site.review.about
    known = licence(about.licence)["name"]
    said: dict[str, Any] = {
        "inLanguage": about.language,
        "version": about.version,
        "license": LICENCES.get(known, about.licence),
        "author": [{"@type": "Person" if _person(p.name) else "Organization", "name": p.name} for p in about.people],
        "funding": about.funding,
        "usageInfo": f"Interests: {about.interests}",
        "conditionsOfAccess": NOT_ADVICE,
        "creativeWorkStatus": about.status,
    }
    dates = [version.on for version in site.review.versions]
    if dates:
        said |= {"datePublished": min(dates).isoformat(), "dateModified": max(dates).isoformat()}
    return said


def _person(name: str) -> bool:
    """Whether it reads as the name of one person: two to four words that all begin with a capital."""
    words = name.split()
    return 2 <= len(words) <= 4 and all(word[:1].isupper() for word in words)


def _address(site: Site, path: str, root: str = "") -> str:
    """The whole address where the review names its own, else one from the page."""
    return site.address(path) or root + path


def _script(said: dict[str, Any]) -> Markup:
    """A block of data: no character of it can end the element or begin another, whatever the records hold."""
    text = json.dumps({"@context": CONTEXT} | _clean(said), ensure_ascii=True, separators=(",", ":"))
    for sign in "<>&'":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(text))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(clean_text(value).split())
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


__all__ = ["article", "citation", "dataset"]
