"""What a site says to other programs: JSON-LD, an Atom feed, a sitemap; true, valid, and never run."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from tests.site.tree import Element, parse

from handful.review import open_review
from handful.site.publish import publish

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
BREAK = "</script><script>alert(1)</script><!-- ]]> & \u202e '\""


def said_by(page: Element) -> list[dict[str, Any]]:
    return [json.loads(script.text()) for script in page.all("script", type="application/ld+json")]


def small(repository: Path, to: Path, *changes: tuple[str, str, str]) -> Path:
    folder = to / "review"
    shutil.copytree(repository / "tests" / "golden" / "review", folder)
    for name, old, new in changes:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_every_question_page_says_what_it_is(question_pages: dict[str, Element]) -> None:
    for name, page in question_pages.items():
        (said,) = said_by(page)
        assert said["@context"] == "https://schema.org"
        assert said["@type"] == "MedicalScholarlyArticle", name
        assert said["headline"] == page.one("h1").text()
        assert said["version"] in page.one("head").one("title").text()
        assert said["conditionsOfAccess"].startswith("Not medical advice.")
        assert said["creditText"] in page.text()
        for key in ("license", "funding", "usageInfo", "author", "inLanguage", "publicationType"):
            assert said[key], (name, key)


def test_the_data_page_describes_the_data_and_whose_they_are(sites: tuple[Path, ...]) -> None:
    for site in sites:
        page = parse((site / "data.html").read_text(encoding="utf-8"))
        (said,) = said_by(page)
        assert said["@type"] == "Dataset"
        for download in said["distribution"]:
            assert (site / download["contentUrl"]).is_file()
        text = page.text()
        for words in ("Licence", "Funding", "Interests", "Not medical advice", "How to cite", said["creditText"]):
            assert words in text
        for name in ("review.zip", "datapackage.json", "sources.ris", "sources.bib", "sources.json", "feed.xml"):
            assert page.all("a", href=name), name
        assert {f"data/{f.name}" for f in (site / "data").iterdir()} <= {a.attributes["href"] for a in page.all("a")}


def test_hostile_words_stay_inside_the_data(repository: Path, tmp_path: Path) -> None:
    quoted = json.dumps(BREAK, ensure_ascii=True)
    folder = small(
        repository,
        tmp_path,
        ("review.yaml", "title: Brittle examples and their made-up treatments", f"title: {quoted}"),
        ("review.yaml", "licence: CC0-1.0", f"licence: {quoted}"),
        ("questions/calmol-whole.yaml", "title: Calmol for the whole form", f"title: {quoted} #"),
    )
    publish(open_review(folder), to=tmp_path / "site")
    for file in (tmp_path / "site").rglob("*.html"):
        html = file.read_text(encoding="utf-8")
        for block in re.findall(r"<script type[^>]*>(.*?)</script>", html, re.DOTALL):
            assert not set(block) & set("<>&'"), file.name
            json.loads(block)
        page = parse(html)
        scripts = {s.attributes.get("type") or s.attributes["src"].removeprefix("../") for s in page.all("script")}
        assert scripts <= {"application/ld+json", "assets/handful.js"}
    (said,) = said_by(parse((tmp_path / "site/questions/calmol-whole.html").read_text(encoding="utf-8")))
    assert said["alternativeHeadline"].startswith("</script><script>alert(1)</script><!-- ]]> & [U+202E]")
    feed = ElementTree.fromstring((tmp_path / "site" / "feed.xml").read_bytes())
    assert "</script>" in (feed.findtext(f"{ATOM}title") or "")


def released(repository: Path, to: Path, *changes: tuple[str, str, str]) -> Path:
    folder = small(repository, to, *changes)
    (folder / "versions").mkdir()
    for name, day, before, changed in (("0.9", "2026-01-05", "null", "null"), ("0.10", "2026-02-06", "'0.9'", "true")):
        (folder / "versions" / f"{name}.yaml").write_text(
            f"version: '{name}'\non: {day}\nbefore: {before}\nconclusion_changed: {changed}\n"
            f"results: sha256:{'0' * 64}\nmade_by: a test\ncitation: A test {name}.\nanswers: {{}}\n",
            encoding="utf-8",
        )
        (folder / "versions" / f"{name}.md").write_text(f"Note of {name}: *one* < two\n", encoding="utf-8")
    return folder


def test_the_feed_tells_each_version_once_under_an_id_that_stays(repository: Path, tmp_path: Path) -> None:
    here = released(repository, tmp_path / "here")
    moved = released(
        repository,
        tmp_path / "moved",
        ("review.yaml", "licence: CC0-1.0", "licence: CC0-1.0\naddress: https://example.org/r/"),
    )
    feeds = []
    for folder in (here, moved):
        publish(open_review(folder), to=folder.parent / "site")
        feeds.append(ElementTree.fromstring((folder.parent / "site" / "feed.xml").read_bytes()))
    for feed in feeds:
        assert feed.tag == f"{ATOM}feed"
        everything = feed.findall(f"{ATOM}entry")
        entries = [e for e in everything if (e.findtext(f"{ATOM}title") or "").startswith("Version")]
        assert [e.findtext(f"{ATOM}title") for e in entries] == ["Version 0.10", "Version 0.9"]
        dates = [e.findtext(f"{ATOM}updated") or "" for e in everything]
        assert dates == sorted(dates, reverse=True), "the latest stands first"
        for element in (feed, *everything):
            for needed in ("id", "title", "updated"):
                assert element.findtext(f"{ATOM}{needed}"), needed
        assert feed.findtext(f"{ATOM}updated") == dates[0]
        assert entries[0].findtext(f"{ATOM}updated") == "2026-02-06T00:00:00Z"
        assert feed.findtext(f"{ATOM}author/{ATOM}name")
        assert entries[0].findtext(f"{ATOM}summary") == "a conclusion changed"
        assert "<em>one</em> &lt; two" in (entries[0].findtext(f"{ATOM}content") or "")
    identities = [[e.text for e in feed.iter(f"{ATOM}id")] for feed in feeds]
    assert identities[0] == identities[1], "the feed stays the same feed when the site moves"
    assert len(set(identities[0])) == len(identities[0]) > 3, "versions and corrections, each once"
    links = [link.attrib["href"] for link in feeds[1].findall(f"{ATOM}entry/{ATOM}link")]
    assert "https://example.org/r/versions/0.10.html" in links


def test_a_review_without_a_version_or_correction_has_an_empty_feed_that_says_so(second_site: Path) -> None:
    feed = ElementTree.fromstring((second_site / "feed.xml").read_bytes())
    assert "No version has been released" in (feed.findtext(f"{ATOM}subtitle") or "")


def test_whole_addresses_only_where_the_review_names_its_own(
    repository: Path, small_site: Path, tmp_path: Path
) -> None:
    assert not (small_site / "sitemap.xml").exists(), "a sitemap needs whole addresses"
    line = ("review.yaml", "licence: CC0-1.0", "licence: CC0-1.0\naddress: https://example.org/r/")
    publish(open_review(small(repository, tmp_path, line)), to=tmp_path / "site")
    listed = ElementTree.fromstring((tmp_path / "site" / "sitemap.xml").read_bytes())
    found = {loc.text for loc in listed.iter(f"{SITEMAP}loc")}
    pages = {f.relative_to(tmp_path / "site").as_posix() for f in (tmp_path / "site").rglob("*.html")}
    assert found == {f"https://example.org/r/{page}" for page in pages}
    (said,) = said_by(parse((tmp_path / "site/questions/calmol-whole.html").read_text(encoding="utf-8")))
    assert said["@id"] == "https://example.org/r/questions/calmol-whole.html"


@pytest.mark.parametrize("address", ["javascript:alert(1)/", "https://example.org/r", "ftp://x/", "https://a@b/"])
def test_an_address_that_is_none_is_a_problem(repository: Path, tmp_path: Path, address: str) -> None:
    from handful.review import read_review

    folder = small(repository, tmp_path, ("review.yaml", "licence: CC0-1.0", f"licence: CC0-1.0\naddress: {address}"))
    assert [p.file for p in read_review(folder)[1].problems] == ["review.yaml"]
