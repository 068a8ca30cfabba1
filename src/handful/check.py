"""A review folder checked: everything that cannot be read and everything that cannot be right, all of it at once."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from handful.base.calendar_days import today
from handful.base.known_texts import KnownTexts
from handful.base.problems import Problem, Report, ReviewProblems, did_you_mean, report
from handful.base.yaml_files import Document
from handful.certainty.checks import check_certainty
from handful.certainty.judgement_checks import check_judgement
from handful.instruments.catalogue import catalogue, catalogue_sources, extended, laid_over
from handful.instruments.instrument import Instrument
from handful.page_words import Evidence, field_words, hard_to_read
from handful.position.checks import check_ladder, check_on_ladder
from handful.position.ladder import Ladder
from handful.prose_check import CASE_VALUES, GROUP_VALUES, Parts, check_prose, check_words
from handful.question.checks import check_question
from handful.question.counted_once_check import check_counted_once
from handful.question.question import Question
from handful.records.checks import check_records
from handful.records.checks.names import Names
from handful.records.people import ATTRIBUTES, as_values
from handful.records.quotes import quotes_by_source, stands_in
from handful.records.read import FolderReader, read_records
from handful.records.records import Records
from handful.records.review_file import ReviewFile
from handful.records.salvage import salvage
from handful.records.study import Study
from handful.review import Guidance, Review, read_review
from handful.words.number_index import names_of_numbers
from handful.words.offers import offers_of_a_page


def check_review(folder: str | Path, known: KnownTexts | None = None) -> tuple[Review | None, Report]:
    """The review when every file can be read, and every problem of its files, their references and their arithmetic.

    A study that cannot be read as a whole is checked as far as it can be, so that one mistyped key does not hide a
    wrong number in the same file. ``Report.known`` holds faults of sources that were declared beside their number.
    ``known``: texts that were parsed before; they are not parsed again.
    """
    root = Path(folder)
    review, found = read_review(root, known)
    if not root.is_dir():
        return review, found
    records, questions, ladders = _readable(root, review)
    names = _names(root, review, records, questions)
    problems = list(found.problems)
    wrong, declared = check_records(records, names)
    problems.extend(wrong)
    for question, document in questions.values():
        problems.extend(check_question(question, document, names))
    sound = {}
    for ladder, document in ladders.values():
        faults = list(check_ladder(ladder, document, names, records))
        problems.extend(faults)
        if not faults:  # one fault is told once
            sound[ladder.id] = ladder
    for question, document in questions.values():
        if question.ladder in sound:
            problems.extend(check_on_ladder(question, document, sound[question.ladder], records))
    if review is not None:
        problems.extend(_rest(review, names))
    # what stands behind a text is computed only from records in which nothing is wrong
    evidence = Evidence(review if not problems else None)
    if review is not None:
        problems.extend(p for guidance in review.guidance.values() for p in _guidance(guidance, evidence))
    asked = {key: question for key, (question, _) in questions.items()}
    problems.extend(_prose(root, asked, records, names, evidence))
    told: list[Problem] = []
    if review is not None and found.ok:
        twice, told = check_counted_once(review.records, review.questions.values())
        problems.extend(twice)
    if review is not None:
        problems.extend(field_words(review, evidence))
        told.extend(hard_to_read(review))
    result = report(problems, declared, told)
    return (review if result.ok else None), result


def _readable(
    root: Path, review: Review | None
) -> tuple[Records, dict[str, tuple[Question, Document]], dict[str, tuple[Ladder, Document]]]:
    """Records, questions and ladders as far as they can be read; studies with faults in their form are pruned."""
    reader = FolderReader(root)
    if review is not None:
        records = review.records
        documents = review.documents
        questions = {k: (q, documents[f"questions/{k}"]) for k, q in review.questions.items()}
        ladders = {k: (x, documents[f"ladders/{k}"]) for k, x in review.ladders.items()}
    else:
        own = reader.one_per_file("instruments/*.yaml", Instrument, filled=extended)
        records = replace(read_records(reader), instruments=laid_over({k: x for k, (x, _) in own.items()}))
        questions = reader.one_per_file("questions/*.yaml", Question)
        ladders = reader.one_per_file("ladders/*.yaml", Ladder)
    studies, lines = dict(records.studies), dict(records.documents)
    for path in reader.files("studies/*.yaml"):
        if path.stem in studies or any(d.file == f"studies/{path.name}" for d in lines.values()):
            continue
        document = reader.document(path)
        saved = salvage(document, Study) if document is not None else None
        if saved is not None and saved[0].id not in studies:
            studies[saved[0].id], lines[saved[0].id] = saved
    return replace(records, studies=studies, documents=lines), questions, ladders


def _names(
    root: Path, review: Review | None, records: Records, questions: Mapping[str, tuple[Question, Document]]
) -> Names:
    """Every id that is declared; files that could not be read count by their name, so that one fault is told once."""

    def stems(folder: str) -> set[str]:
        return {path.stem for path in root.glob(f"{folder}/*.yaml")}

    def listed(name: str, ids: Collection[str]) -> Collection[str] | None:
        unreadable = (root / name).exists() and name not in records.documents
        return None if unreadable else ids

    used = {c.outcome for s in records.studies.values() for a in s.arms for c in (*a.outcomes, *a.harms)}
    used |= {o for study in records.people if (rows := records.rows(study)) for o in rows.keys("outcome:")}
    declared = (root / "outcomes.yaml").exists()
    classes = {t.treatment_class for t in records.treatments.values() if t.treatment_class}
    about = review.about if review is not None else None
    return Names(
        sources=stems("sources") | set(records.sources),
        studies=stems("studies") | set(records.studies),
        treatments=listed("treatments.yaml", records.treatments),
        classes=listed("treatments.yaml", classes),
        outcomes=listed("outcomes.yaml", records.outcomes) if declared else used,
        instruments=stems("instruments") | set(catalogue()),
        questions=stems("questions") | set(questions),
        ladders=stems("ladders"),
        conflicts=listed("conflicts.yaml", {c.id for c in records.conflicts}),
        attributes=_attributes(about, records) if about is not None else None,
        attributes_declared=bool(about and about.attributes),
    )


def _attributes(about: ReviewFile, records: Records) -> Mapping[str, Collection[str]]:
    """Attributes and values that review.yaml declares, or else those the records use."""
    if about.attributes:
        return {name: set(values) for name, values in about.attributes.items() if values}
    found: dict[str, set[str]] = {}
    for study in records.studies.values():
        for arm in study.arms:
            for name, values in arm.people.items():
                found.setdefault(name, set()).update(values)
    for identifier in records.people:
        rows = records.rows(identifier)
        for name in ATTRIBUTES:
            different = rows.different(name) if rows is not None else ()
            found.setdefault(name, set()).update(v for value in different for v in as_values(value))
    return found


def _rest(review: Review, names: Names) -> list[Problem]:
    """References of judgements of studies and answers, instruments, guidance and review.yaml."""
    problems: list[Problem] = []
    for key, judgement in review.judgements.items():
        document = review.documents[f"judgements/{key}"]
        problems += names.unknown("study", judgement.study, document.file, document.line(("study",)), "study")
        problems += check_judgement(judgement, document)
    for key, judged in review.judgements.certainty.items():
        problems += check_certainty(judged, review.documents[f"certainty/{key}"], review.questions, names)
    for key in review.own_instruments:
        instrument, document = review.instruments[key], review.documents[f"instruments/{key}"]
        if instrument.extends is not None and instrument.extends not in catalogue():
            line = document.line(("extends",))
            message = f"extends: `{instrument.extends}` is not in the catalogue"
            hint = did_you_mean(instrument.extends, catalogue())
            problems.append(Problem(document.file, line, "unknown-instrument", message, hint))
        for index, threshold in enumerate(instrument.thresholds):
            if threshold.source not in ("not reported", "not recorded", *catalogue_sources()):
                line = document.line(("thresholds", index, "source"))
                problems += names.unknown("source", threshold.source, document.file, line, "source")
    for guidance in review.guidance.values():
        for source in (*guidance.about.read_in, *(s for tip in guidance.about.tips for s in tip.sources)):
            problems += names.unknown("source", source, guidance.file, 1, "source")
    problems += _corrections(review, names)
    problems += _search(review)
    first = review.about.first_question
    if first is not None:
        document = review.documents["review.yaml"]
        line = document.line(("first_question",))
        problems += names.unknown("question", first, document.file, line, "first_question")
    return problems


def _search(review: Review) -> list[Problem]:
    """A search that was made is made no later than today.

    A clock may be behind, and it is tomorrow already somewhere: the latest day that the review itself carries counts as
    today where it is later, and one day more is let pass.
    """
    made = review.about.last_search
    if not isinstance(made, datetime.date):
        return []
    carried = [version.on for version in review.versions] + [point.on for point in review.corrections]
    carried += [one.on for one in review.judgements.values() if isinstance(one.on, datetime.date)]
    latest = max([today(), *carried])
    if made <= latest + datetime.timedelta(days=1):
        return []
    document = review.documents["review.yaml"]
    message = f"last_search: {made} is in the future; today is {latest}"
    hint = "write the day of the last search that was made, or `none`; a planned one is `next_look:`"
    return [Problem(document.file, document.line(("last_search",)), "search-in-the-future", message, hint)]


def _corrections(review: Review, names: Names) -> list[Problem]:
    """Readers' points: the number and the question that each is about exist."""
    if not review.corrections:
        return []
    document = review.documents["corrections.yaml"]
    numbers = names_of_numbers(review.records, review.questions.values())
    unread = [
        f"n-{path.stem}-" for path in review.folder.glob("studies/*.yaml") if path.stem not in review.records.studies
    ]
    problems = []
    for index, point in enumerate(review.corrections):
        if point.number not in numbers and not point.number.startswith(tuple(unread)):  # that file is told of already
            line = document.line(("corrections", index, "number"))
            said = f"number: `{point.number}` is the name of no number on the pages"
            problems.append(Problem(document.file, line, "unknown-number", said, did_you_mean(point.number, numbers)))
        if point.question is not None:
            line = document.line(("corrections", index, "question"))
            problems += names.unknown("question", point.question, document.file, line, "question")
    return problems


def _guidance(guidance: Guidance, evidence: Evidence) -> list[Problem]:
    """The words of a self-care page: its text has no expressions, so a number in it could only be typed."""
    document = guidance.document
    problems = check_words(guidance.text, guidance.file, first_line=guidance.first_line, behind=evidence.least)
    for index, tip in enumerate(guidance.about.tips):
        for key in ("tip", "because"):
            line = document.line(("tips", index, key))
            text = getattr(tip, key)
            problems += [replace(p, line=line) for p in check_words(text, guidance.file, behind=evidence.least)]
    return problems


def prose_names(question: Question, names: Names) -> tuple[dict[str, Parts], dict[str, Collection[str] | None]]:
    """What the text of a question's page may show, and what it may call with which ids."""
    groups = [group.replace("-", "_") for group in question.groups]
    every: dict[str, Parts] = dict.fromkeys((*groups, "overall"), GROUP_VALUES)
    values: dict[str, Parts] = {**every, "also": {other.id.replace("-", "_"): every for other in question.also}}
    if question.case_reports is not None:
        values["cases"] = CASE_VALUES
    calls: dict[str, Collection[str] | None] = {
        "comparison": {*question.groups, *groups},
        "conflict": names.conflicts,
        "study": names.studies,
        "harm": question.harms.outcomes,
        "quote": names.sources,
    }
    return values, calls


def _prose(
    root: Path, questions: Mapping[str, Question], records: Records, names: Names, evidence: Evidence
) -> list[Problem]:
    """The text of every question's page; a text without its question is a problem of its own."""
    reader = FolderReader(root)
    problems: list[Problem] = []
    for path in reader.files("questions/*.md"):
        file = path.relative_to(root).as_posix()
        if not path.with_suffix(".yaml").exists():
            message = f"there is no questions/{path.stem}.yaml that this text belongs to"
            hint = "rename one of the two, or `handful new question`"
            problems.append(Problem(file, 1, "text-without-question", message, hint))
            continue
        question = questions.get(path.stem)
        if question is None:
            continue
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            continue  # told by the reader of the folder
        problems.extend(_prose_of(question, text, file, records, names, evidence))
    return problems


def _prose_of(
    question: Question, text: str, file: str, records: Records, names: Names, evidence: Evidence
) -> list[Problem]:
    quotes = quotes_by_source(records)

    def quoted(source: str, words: str) -> bool:
        return source not in records.sources or stands_in(words, quotes.get(source, ()))

    values, calls = prose_names(question, names)
    offers = offers_of_a_page(question.groups, question.harms.outcomes)
    behind = partial(evidence.of, question.id)
    return check_prose(text, file, values, calls, quoted=quoted, offers=offers, behind=behind)


def check_text(folder: str | Path, question: str, text: str, file: str) -> Report:
    """Every problem that a text would have as the page of a question of a review.

    Raises:
        ReviewProblems: when the review cannot be read; HandfulError: when it has no such question.
    """
    root = Path(folder)
    review, found = read_review(root)
    if review is None:
        raise ReviewProblems(found)
    asked = review.question(question)
    records, questions, _ = _readable(root, review)
    everything = _names(root, review, records, questions)
    return report(_prose_of(asked, text, file, records, everything, Evidence(review)))


__all__ = ["check_review", "check_text", "prose_names"]
