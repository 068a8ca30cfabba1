"""Which test keeps which point of the page's checklist; and the points that no other file keeps."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.living.copies import edit, git, golden_copy
from tests.site.tree import Element, parse

from handful.cli.main import entry
from handful.living.release import note_again
from handful.review import open_review
from handful.site.markup import markdown
from handful.site.publish import publish

Pages = dict[str, Element]

POINTS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: ("first screen", (
        "site/test_checklist.py::test_the_first_screen_says_what_must_be_known",
        "site/test_checklist.py::test_what_is_not_known_is_said",
        "site/test_browser.py::test_the_answer_fits_the_first_screen_of_a_desk",
    )),
    2: ("living, status, version", (
        "site/test_checklist.py::test_title_says_living_and_the_version",
        "living/test_corrections.py::test_an_overdue_look_is_said_only_when_the_day_has_passed",
    )),
    3: ("design beside the number", ("site/test_checklist.py::test_the_answer_says_that_nothing_was_compared",)),
    4: ("percentages with n and N", (
        "site/test_checklist.py::test_no_percentage_stands_without_its_people",
        "site/test_checklist.py::test_a_percentage_in_a_conflict_says_that_its_people_are_not_reported",
    )),
    5: ("no relative effect alone", (
        "site/test_points.py::test_no_relative_effect_is_printed",
        "site/test_checklist.py::test_generated_words_claim_no_more_than_counts_carry",
    )),
    6: ("no percentage below twenty", ("site/test_checklist.py::test_no_percentage_in_prose_about_fewer_than_twenty",)),
    7: ("interval and method near", (
        "site/test_checklist.py::test_the_method_of_the_interval_stands_near_the_answer",
        "site/test_points.py::test_zero_events_show_how_high_the_rate_could_be",
    )),
    8: ("harms like benefits", (
        "site/test_checklist.py::test_harms_are_shown_as_benefits_are",
        "site/test_certainty.py::test_benefits_and_harms_share_one_table_its_columns_and_its_denominator",
    )),
    9: ("certainty and reasons beside each outcome", (
        "site/test_certainty.py::test_the_words_are_those_of_the_stored_rating",
        "site/test_certainty.py::test_every_step_that_is_named_is_told_in_full",
    )),
    10: ("every number to its source", (
        "site/test_checklist.py::test_every_number_leads_to_where_it_was_read",
        "site/test_browser.py::test_a_number_leads_to_its_source_and_is_shown",
    )),
    11: ("change note", (
        "site/test_points.py::test_each_version_shows_the_note_made_again_and_whether_the_conclusion_changed",
        "living/test_release.py::test_the_note_kept_is_the_note_made_again_from_the_records",
    )),
    12: ("corrections listed", (
        "living/test_corrections.py::test_an_open_point_stands_beside_its_number_and_in_its_section",
        "living/test_corrections.py::test_a_page_without_points_says_so",
    )),
    13: ("one icon, one person", ("site/test_checklist.py::test_one_icon_is_one_person",)),
    14: ("same order, scale and colours", (
        "site/test_points.py::test_all_groups_are_drawn_on_one_axis_in_one_order",
        "site/test_checklist.py::test_harms_are_shown_as_benefits_are",
    )),
    15: ("forest as text; arrows", (
        "site/test_checklist.py::test_each_row_of_a_figure_has_its_numbers_as_text",
        "site/test_forest.py::test_an_interval_beyond_the_axis_ends_in_arrows_and_stays",
    )),
    16: ("figures described, with a table", (
        "site/test_points.py::test_each_drawing_is_named_described_and_numbered",
        "site/test_forest.py::test_the_drawing_says_all_its_numbers",
    )),
    17: ("tables", ("site/test_points.py::test_every_table_of_every_page_has_caption_scopes_and_a_region",)),
    18: ("WCAG 2.2 AA", (
        "site/test_browser.py::test_axe_finds_nothing",
        "site/test_browser.py::test_axe_finds_nothing_on_a_page_of_each_type_of_both_reviews",
        "site/test_browser.py::test_the_keyboard_reaches_every_link_and_table_and_shows_where_it_is",
        "site/test_browser.py::test_the_keyboard_alone_reaches_everything_on_a_page_of_each_type",
        "site/test_checklist.py::test_the_language_and_the_way_past_the_head",
    )),
    19: ("not by colour alone", ("site/test_browser.py::test_without_colour_filled_and_hollow_still_differ",)),
    20: ("phones", (
        "site/test_browser.py::test_no_sideways_scroll_and_no_small_letters",
        "site/test_browser.py::test_tables_need_no_scrolling_on_a_phone",
    )),
    21: ("dark", (
        "site/test_browser.py::test_light_and_dark_are_two_pictures",
        "site/test_browser.py::test_drawings_have_colours_of_their_own_where_variables_are_not_known",
    )),
    22: ("print", (
        "site/test_pdf.py::test_every_number_of_the_page_stands_in_the_file",
        "site/test_pdf.py::test_filled_people_are_those_of_the_page",
        "site/test_pdf.py::test_filled_people_are_seen_on_the_rendered_sheet",
        "site/test_pdf.py::test_every_figure_is_there_with_its_words_and_numbers",
        "site/test_pdf.py::test_the_file_is_tagged_named_and_in_its_language",
        "site/test_pdf.py::test_links_lead_into_the_file_or_to_the_web_and_never_to_this_machine",
        "site/test_browser.py::test_print_shows_the_answer_and_every_part",
        "site/test_browser.py::test_what_is_folded_opens_for_a_link_and_for_print",
    )),
    23: ("no script, small, own", (
        "site/test_browser.py::test_it_reads_the_same_without_script",
        "site/test_script.py::test_nothing_is_refused_under_the_strictest_rules_of_a_server",
        "site/test_browser.py::test_nothing_is_asked_for_outside_the_site",
        "site/test_checklist.py::test_one_small_script_of_our_own_and_nothing_from_elsewhere",
        "site/test_checklist.py::test_a_question_page_is_smaller_than_150_kilobytes",
    )),
    24: ("can be read; terms explained", (
        "site/test_checklist.py::test_the_lay_part_is_short_and_can_be_read",
        "site/test_points.py::test_terms_are_explained_where_they_are_used",
    )),
    25: ("disclaimer, licence, citation, data", (
        "site/test_points.py::test_linked_data_citation_data_licence_funding_and_disclaimer_are_there_and_valid",
        "site/test_checklist.py::test_disclaimer_licence_citation_and_data",
    )),
    26: ("the same bytes", ("site/test_publish.py::test_two_builds_give_the_same_bytes",)),
}  # fmt: skip


def test_every_point_is_kept_by_a_test_that_exists(repository: Path) -> None:
    assert list(POINTS) == list(range(1, 27))
    for number, (name, tests) in POINTS.items():
        assert tests, name
        for test in tests:
            file, _, function = test.partition("::")
            text = (repository / "tests" / file).read_text(encoding="utf-8")
            assert re.search(rf"^def {function}\(", text, re.MULTILINE), (number, test)


def test_each_version_shows_the_note_made_again_and_whether_the_conclusion_changed(tmp_path: Path) -> None:
    """A record is changed between two releases; the page says what moved, in the words made again from the records."""
    git(tmp_path, "init", "-q")
    folder = golden_copy(tmp_path)

    def kept(words: str, *command: str) -> None:
        assert entry([*command, "--review", str(folder)]) == 0
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-qm", words)

    kept("the review", "update")
    kept("version 1.3", "release", "1.3", "--on", "2026-11-01")
    edit(folder, "studies/series-2020.yaml", "responders: {value: 1", "responders: {value: 2")
    kept("one count read again", "update")
    kept("version 1.4", "release", "1.4", "--on", "2026-11-28")
    review = open_review(folder)
    publish(review, to=tmp_path / "site")
    for version in review.versions:
        page = parse((tmp_path / "site" / "versions" / f"{version.version}.html").read_text(encoding="utf-8"))
        shown = next(s for s in page.all("section") if s.attributes.get("aria-labelledby") == "note")
        note = note_again(review, version)
        assert shown.text() == f"What had changed {parse(markdown(note)).text()}", version.version
        facts = dict(zip([e.text() for e in page.all("dt")], [e.text() for e in page.all("dd")], strict=True))
        wanted = {None: "nothing", True: "yes", False: "no"}[version.conclusion_changed]
        assert facts["Conclusion changed"].startswith((wanted, wanted.capitalize())) or wanted == "nothing"
    last = review.versions[-1]
    question = parse((tmp_path / "site" / "questions" / "calmol-whole.html").read_text(encoding="utf-8"))
    history = next(s for s in question.all("section") if s.attributes.get("aria-labelledby") == "history").text()
    assert f"conclusion changed: {'yes' if last.conclusion_changed else 'no'}" in history
    assert "../versions/1.4.html" in {a.attributes["href"] for a in question.all("a")}, "a link that stays"


def test_linked_data_citation_data_licence_funding_and_disclaimer_are_there_and_valid(
    sites: tuple[Path, ...], question_pages: Pages
) -> None:
    for name, page in question_pages.items():
        site = next(s for s in sites if (s / "questions" / f"{name}.html").exists())
        (said,) = [json.loads(s.text()) for s in page.all("script", type="application/ld+json")]
        assert said["@context"] == "https://schema.org"
        assert "MedicalScholarlyArticle" in said["@type"]
        heading = page.one("h1").text()
        assert heading in (said["headline"], said.get("alternativeHeadline")) or heading in said["headline"]
        assert said["version"]
        assert said["license"]
        assert said["author"]
        cite = page.one("p", class_="cite").text()
        assert said["version"] in cite
        foot = page.one("footer").text()
        assert "Not medical advice." in foot
        assert "Licence: " in foot
        data = page.one("a", class_="download").attributes["href"]
        results = json.loads((site / "questions" / data).resolve().read_text(encoding="utf-8"))
        methods = parse((site / "methods" / f"{name}.html").read_text(encoding="utf-8"))
        assert results["computed_from"] in methods.one("main").text(), "the page and the data name one digest"
    for site in sites:
        dataset = parse((site / "data.html").read_text(encoding="utf-8"))
        (told,) = [json.loads(s.text()) for s in dataset.all("script", type="application/ld+json")]
        assert told["@type"] == "Dataset"
        for link in dataset.one("main").all("a"):
            if not link.attributes["href"].startswith(("http", "mailto", "#")):
                assert (site / link.attributes["href"].partition("#")[0]).is_file(), link.attributes["href"]
        about = parse((site / "about.html").read_text(encoding="utf-8")).text()
        for wanted in ("Funding", "Interests", "Licence"):
            assert wanted in about


def test_every_dose_and_approval_of_the_records_is_in_the_list_of_treatments(
    shipped_site: Path, repository: Path
) -> None:
    records = open_review(repository / "reviews" / "alopecia-areata").records
    table = parse((shipped_site / "treatments.html").read_text(encoding="utf-8")).one("table")
    rows = {row.all("a")[0].attributes["href"]: row.text() for row in table.one("tbody").all("tr")}
    doses = 0
    for treatment in records.treatments.values():
        if treatment.kind in ("placebo", "untreated"):
            continue
        said = rows[f"treatments/{treatment.id}.html"]
        for approval in treatment.approvals:
            assert approval.indication in said
        for study in records.studies.values():
            for arm in study.arms:
                if arm.treatment == treatment.id and arm.dose != "not reported":
                    doses += 1
                    assert " ".join(arm.dose.split()) in said, (treatment.id, arm.dose)
    assert doses > 20
    assert len(rows) > 15


def test_the_way_to_the_answer_is_drawn_with_the_numbers_of_the_records(shipped_site: Path, repository: Path) -> None:
    page = parse((shipped_site / "evidence" / "dupilumab-totalis-universalis.html").read_text(encoding="utf-8"))
    records = open_review(repository / "reviews" / "alopecia-areata").records
    told = page.one("svg", class_="flow").one("desc").text()
    assert told.startswith(
        f"{len(records.sources)} sources in the records. {len(records.studies)} studies in the records"
    )
    assert "2 studies counted, 8 people" in told
    drawn = " ".join(t.text() for t in page.one("svg", class_="flow").all("text"))
    table, years = page.all("table")
    for row in table.one("tbody").all("tr"):
        what, number = row.one("th").text(), row.one("td").text()
        assert what in told
        if number != "–":
            assert f"left out: {what}: {number}" in told
            assert f"{number}: {what[:1].lower()}{what[1:]}" in drawn
        else:
            assert what in drawn
    rows = years.one("tbody").all("tr")
    assert [r.text()[:11] for r in rows if "counted" in r.one("th").text()] == ["Harada 2020", "McKenzie 20"]
    assert [r.all("td")[-1].text() for r in rows if "counted" in r.one("th").text()] == ["4 people", "8 people"]
    filled = [r for r in rows if r.all("circle", class_="filled")]
    assert len(filled) == 2


def test_no_relative_effect_is_printed(question_pages: Pages) -> None:
    """Nothing is compared on these pages, so no ratio, no relative rate and no number needed to treat may stand."""
    told = r"(?i)\b(?:relative (?:risk|effect|rate)|(?:risk|odds|hazard|rate) ratio|number needed to|NNT)\b"
    for name, page in question_pages.items():
        for part in (page.one("section", class_="answer"), *page.all("table", class_="forest")):
            assert not re.search(told, part.text(("q",))), name


def test_zero_events_show_how_high_the_rate_could_be(question_pages: Pages) -> None:
    rows = 0
    for name, page in question_pages.items():
        for row in page.all("tr"):
            cells = row.all("td", class_="n")
            if cells and cells[0].text().startswith("0 of ") and row.all("svg", class_="plot"):
                rows += 1
                assert re.search(r"^0 to (?:fewer than )?\d+ in 100", row.one("td", class_="words").text()), name
    assert rows > 3


def test_all_groups_are_drawn_on_one_axis_in_one_order(question_pages: Pages) -> None:
    for name, page in question_pages.items():
        cards = [card.one("h3").text() for card in page.all(class_="group-card")]
        table = next(s for s in page.all("section") if s.attributes.get("aria-labelledby") == "counts")
        listed = [th.text() for th in table.all("th", scope="rowgroup")]
        assert [g for g in listed if g in cards] == [c for c in cards if c in listed], name
        fills = {
            bar.attributes["fill"] for card in page.all(class_="group-card") for bar in card.all("rect", class_="bar")
        }
        assert fills <= {"#2a7f93", "#b9d4da"}, name
        grids = {use.attributes["href"] for card in page.all(class_="group-card") for use in card.all("use")}
        assert {g for g in grids if "person" not in g} <= {"#rates", "#mark", "#rates-axis"}, name


def test_each_drawing_is_named_described_and_numbered(sites: tuple[Path, ...]) -> None:
    drawings = 0
    for site in sites:
        for file in site.rglob("*.html"):
            for svg in parse(file.read_text(encoding="utf-8")).all("svg"):
                hidden = "aria-hidden" in svg.attributes or any(e.tag == "svg" for e in svg.ancestors)
                if hidden:
                    continue
                drawings += 1
                assert svg.attributes.get("role") == "img", file.name
                assert svg.all("title")[0].text(), file.name
                assert re.search(r"\d", svg.all("desc")[0].text()), (file.name, svg.all("title")[0].text())
    assert drawings > 400


def test_every_table_of_every_page_has_caption_scopes_and_a_region(sites: tuple[Path, ...]) -> None:
    for site in sites:
        for file in site.rglob("*.html"):
            for table in parse(file.read_text(encoding="utf-8")).all("table"):
                caption = table.one("caption")
                assert caption.text(), file.name
                assert all(th.attributes["scope"] in ("col", "row", "rowgroup") for th in table.all("th")), file.name
                region = table.parent
                assert region is not None
                assert region.attributes.get("tabindex") == "0", file.name
                assert region.attributes["aria-labelledby"] == caption.attributes["id"], file.name


@pytest.mark.parametrize("term", ["alopecia totalis", "case series", "true rate"])
def test_terms_are_explained_where_they_are_used(flagship: Element, shipped_site: Path, term: str) -> None:
    """Beside the words, with a link to the list of all; what is explained stands in that list."""
    glossary = parse((shipped_site / "glossary.html").read_text(encoding="utf-8"))
    listed = {e.attributes["id"] for e in glossary if e.attributes.get("id", "").startswith("term-")}
    told = flagship.one("aside", class_="terms")
    links = {a.text().lower(): a.attributes["href"].partition("#")[2] for a in told.all("a")}
    assert links[term] in listed
    assert set(links.values()) <= listed
