"""Three sites, built once: the small made-up review, the shipped one, and the second with patient rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.site.tree import Element, parse

from handful.review import Review, open_review
from handful.site.publish import SiteReport, publish


@pytest.fixture(scope="session")
def small_review(repository: Path) -> Review:
    return open_review(repository / "tests" / "golden" / "review")


@pytest.fixture(scope="session")
def small_site(small_review: Review, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "site"
    publish(small_review, to=folder)
    return folder


@pytest.fixture(scope="session")
def shipped(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SiteReport]:
    folder = tmp_path_factory.mktemp("shipped") / "site"
    return folder, publish(open_review(repository / "reviews" / "alopecia-areata"), to=folder)


@pytest.fixture(scope="session")
def shipped_site(shipped: tuple[Path, SiteReport]) -> Path:
    return shipped[0]


@pytest.fixture(scope="session")
def second_site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("second") / "site"
    publish(open_review(repository / "reviews" / "progabide-epilepsy"), to=folder)
    return folder


@pytest.fixture(scope="session")
def sites(small_site: Path, shipped_site: Path, second_site: Path) -> tuple[Path, ...]:
    return small_site, shipped_site, second_site


@pytest.fixture(scope="session")
def small_page(small_site: Path) -> Element:
    return parse((small_site / "questions" / "calmol-whole.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def flagship(shipped_site: Path) -> Element:
    page = shipped_site / "questions" / "dupilumab-totalis-universalis.html"
    return parse(page.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def question_pages(sites: tuple[Path, ...]) -> dict[str, Element]:
    files = [file for site in sites for file in sorted(site.glob("questions/*.html"))]
    return {file.stem: parse(file.read_text(encoding="utf-8")) for file in files}
