"""Everything the pages are made from: the review, the answer to each question, and the names of its numbers."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from handful.base.wording import human_list, spoken
from handful.certainty.certainty import Grading
from handful.certainty.grade import grade
from handful.counts.rows import CountRow
from handful.exports.answered import answered_tables
from handful.exports.recorded import recorded
from handful.exports.table import Table
from handful.position.place import Place
from handful.position.placing import place
from handful.question.select import treatment_ids
from handful.records.quotes import quotes_by_source
from handful.records.study import Study
from handful.review import Review
from handful.site import links
from handful.site.links import Linker
from handful.site.row_counts import counts_from_rows, made_by, name_of
from handful.site.views import Link, Page
from handful.stats.results import NotEstimable
from handful.synthesis.sensitivity import sensitivity
from handful.synthesis.sensitivity_result import Sensitivity
from handful.synthesis.synthesis import Synthesis
from handful.words.number_index import NumberIndex, index_of_numbers

if TYPE_CHECKING:
    from handful.site.said import Said

MISSING = frozenset({"not reported", "not recorded"})


@dataclass(frozen=True)
class Site:
    """The material of a site. Nothing in it changes while pages are made."""

    review: Review
    answers: Mapping[str, Synthesis]
    as_of: datetime.date | None = None
    """The day as of which the pages speak: whether the next look is overdue. ``None``: they do not say."""
    pdf: bool = False
    """Whether every question page has a PDF file beside it."""
    kept: Mapping[str, Said] | None = None
    """What is said of each question where the answers themselves are not at hand."""

    @cached_property
    def index(self) -> NumberIndex:
        """The names of all counted numbers."""
        found = index_of_numbers(self.review.records)
        made = {name_of(row): row.study for rows in self.from_rows.values() for row in rows}
        return replace(found, study_of={**found.study_of, **made})

    @cached_property
    def said(self) -> Mapping[str, Said]:
        """What pages say of each question that is not their own."""
        from handful.site.said import said_of

        if self.kept is not None:
            return self.kept
        return {key: said_of(self, answer) for key, answer in self.answers.items()}

    @cached_property
    def from_rows(self) -> Mapping[tuple[str, str], tuple[CountRow, ...]]:
        """Counts from patient rows, by study and arm."""
        if self.kept is None:
            return counts_from_rows(row for answer in self.answers.values() for row in made_by(answer))
        return counts_from_rows(row for said in self.kept.values() for row in said.from_rows)

    @cached_property
    def from_rows_on(self) -> Mapping[str, tuple[CountRow, ...]]:
        """Counts from patient rows, by treatment."""
        found: dict[str, list[CountRow]] = {}
        for _, rows in sorted(self.from_rows.items()):
            for row in rows:
                found.setdefault(row.treatment, []).append(row)
        return {treatment: tuple(rows) for treatment, rows in found.items()}

    @cached_property
    def treatments_of(self) -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
        """Question → the treatments it asks about, and those it sets beside them."""
        records, questions = self.review.records, self.review.questions
        return {
            key: (treatment_ids(records, questions[key].treatment), said.beside)
            for key, said in sorted(self.said.items())
        }

    @cached_property
    def studies_of_source(self) -> Mapping[str, tuple[str, ...]]:
        """Source → ids of the studies that were published in it."""
        found: dict[str, list[str]] = {}
        for study in self.review.records.studies.values():
            for source in dict.fromkeys((study.source, *study.also_reported_in)):
                found.setdefault(source, []).append(study.id)
        return {source: tuple(studies) for source, studies in found.items()}

    def studies_on(self, treatment: str) -> tuple[Study, ...]:
        """The studies with an arm or a patient row of the treatment."""
        return self.review.records.studies_on(treatment)

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """The computed place in therapy of every question that names a ladder."""
        found = {key: place(self.review, answer.question, answer=answer) for key, answer in self.answers.items()}
        return {key: placed for key, placed in found.items() if isinstance(placed, Place)}

    @cached_property
    def sure(self) -> Mapping[str, Grading]:
        """How sure each answer is."""
        return {key: grade(answer, self.review.judgements) for key, answer in self.answers.items()}

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """Records and results as tables, for other programs."""
        return (*recorded(self.review.records), *answered_tables(said.rows for _, said in sorted(self.said.items())))

    @cached_property
    def used_by(self) -> Mapping[str, tuple[str, ...]]:
        """Study id → ids of the questions that count it or list it."""
        found: dict[str, list[str]] = {}
        for identifier, said in self.said.items():
            for study in said.studies:
                found.setdefault(study, []).append(identifier)
        return {study: tuple(sorted(ids)) for study, ids in found.items()}

    @cached_property
    def quotes(self) -> Mapping[str, tuple[str, ...]]:
        """Source id → its title and every quote of it that the records hold."""
        return quotes_by_source(self.review.records)

    def every_analysis(self, answer: Synthesis) -> Sensitivity | NotEstimable:
        """Every defensible analysis of a question, computed once."""
        return sensitivity(self.review, answer.question)

    def linker(self, root: str, here: Collection[str] = (), conflicts: Collection[str] = ()) -> Linker:
        """Links as seen from a page that tells these counts and conflicts itself."""
        return Linker(self.index, root, frozenset(here), frozenset(conflicts))

    def page(
        self,
        path: str,
        title: str,
        *,
        heading: str = "",
        kicker: str = "",
        description: str = "",
        contents: tuple[Link, ...] = (),
    ) -> Page:
        """What every page has."""
        about = self.review.about
        root = "../" * path.count("/")
        navigation = [Link("Questions", f"{root}index.html")]
        if self.review.guidance:
            first = sorted(self.review.guidance)[0]
            navigation.append(Link("Self-care", f"{root}{links.guidance(first)}"))
        navigation += [Link("Sources", f"{root}sources.html")]
        if self.review.records.conflicts:
            navigation.append(Link("Disagreements", f"{root}conflicts.html"))
        navigation.append(Link("History", f"{root}history.html"))
        navigation.append(Link("About", f"{root}about.html"))
        navigation.append(Link("Search", f"{root}search.html"))
        return Page(
            title=title,
            heading=heading or title,
            root=root,
            path=path,
            language=about.language,
            review_title=about.title,
            description=description or title,
            disclaimer=about.disclaimer,
            licence=about.licence,
            version=about.version,
            status=self.status,
            searched=self.searched,
            kicker=kicker,
            contents=contents,
            navigation=tuple(navigation),
        )

    @property
    def status(self) -> str:
        """'Living review, never systematically searched'; and since when its next look is overdue."""
        about = self.review.about
        words = STATUS_WORDS[about.status]
        if about.last_search == "none":
            words += ", never systematically searched"
        return f"{words}; {self.overdue}" if self.overdue else words

    @property
    def overdue(self) -> str:
        """'the look planned for 2026-05-01 is overdue', or nothing."""
        planned = self.review.about.next_look
        late = isinstance(planned, datetime.date) and self.as_of is not None and planned < self.as_of
        return f"the look planned for {planned} is overdue" if late and self.review.about.status == "living" else ""

    @property
    def searched(self) -> str:
        """When the literature was last searched, or that it was not."""
        about = self.review.about
        if about.last_search == "none":
            return about.search_note or "no systematic search was made"
        note = f"; {about.search_note}" if about.search_note else ""
        return f"last searched {about.last_search.isoformat()}{note}"

    def address(self, path: str) -> str:
        """The whole address of a page, where the review says where its site stands; else nothing."""
        return f"{self.review.about.address}{path}" if self.review.about.address else ""

    def trait(self, attribute: str, value: str) -> str:
        """A value of a trait of people, in the review's own words for readers."""
        return self.review.about.attributes.get(attribute, {}).get(value) or spoken(value)

    def traits(self, attribute: str, values: Collection[str]) -> str:
        """Several values, joined."""
        last = "and" if attribute in ("with", "failed") else "or"
        return human_list([self.trait(attribute, value) for value in values], last=last)

    def study(self, identifier: str) -> Study | None:
        """The study of that id."""
        return self.review.records.studies.get(identifier)

    def short(self, identifier: str) -> str:
        """'Harada 2020', from the study's source."""
        study = self.study(identifier)
        source = self.review.records.sources.get(study.source) if study else None
        return source.short if source else identifier

    def study_link(self, identifier: str, root: str) -> Link:
        """A link to a study's page; words alone when the records do not hold it."""
        if self.study(identifier) is None:
            return Link(identifier)
        return Link(self.short(identifier), f"{root}{links.study(identifier)}")

    def treatment_page(self, identifier: str, root: str) -> str:
        """Where the treatment's page is; nothing for one that the records do not describe."""
        return f"{root}{links.treatment(identifier)}" if identifier in self.review.records.treatments else ""

    def source_link(self, identifier: str, root: str) -> Link:
        """A link to a source in the list of sources."""
        source = self.review.records.sources.get(identifier)
        return Link(source.short, f"{root}{links.source(identifier)}") if source else Link(identifier)


STATUS_WORDS = {
    "living": "Living review",
    "paused": "Living review, paused",
    "retired": "Living review, retired: no longer kept current",
}


def given(text: str | None) -> str:
    """The text, or nothing where it says that it is not known."""
    return "" if text is None or text in MISSING else text
