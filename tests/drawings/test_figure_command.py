"""`handful figure`: every kind, as a file of every sort, the same bytes twice; plain words where there is nothing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from handful.cli.main import entry
from handful.drawings.draw import DRAW, NothingToDraw, draw
from handful.drawings.flow import flow_of
from handful.drawings.kinds import KINDS
from handful.review import Review, open_review
from handful.site.build import answer_all
from handful.synthesis.synthesis import Synthesis

FLAGSHIP = "dupilumab-totalis-universalis"
ROWS = frozenset({"thresholds", "waterfall", "swimmer"})
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def shipped(repository: Path) -> Review:
    return open_review(repository / "reviews" / "alopecia-areata")


@pytest.fixture(scope="module")
def answers(shipped: Review) -> dict[str, Synthesis]:
    return answer_all(shipped)


@pytest.fixture(scope="module")
def second(repository: Path) -> tuple[Review, Synthesis]:
    review = open_review(repository / "reviews" / "progabide-epilepsy")
    return review, next(iter(answer_all(review).values()))


def written(kind: str, review: Review, answer: Synthesis, suffix: str, to: Path) -> bytes:
    axes = draw(kind, review, answer)
    axes.figure.savefig(to, format=suffix)
    return to.read_bytes()


def test_each_kind_that_is_named_can_be_drawn() -> None:
    assert list(DRAW) == list(KINDS)


@pytest.mark.parametrize("kind", list(KINDS))
def test_drawn_twice_the_same_bytes_with_its_words(
    kind: str, shipped: Review, answers: dict[str, Synthesis], second: tuple[Review, Synthesis], tmp_path: Path
) -> None:
    review, answer = second if kind in ROWS else (shipped, answers[FLAGSHIP])
    if kind == "funnel":
        with pytest.raises(NothingToDraw, match="fewer than three studies"):
            draw(kind, review, answer)
        return
    first = written(kind, review, answer, "svg", tmp_path / "a.svg")
    assert first == written(kind, review, answer, "svg", tmp_path / "b.svg")
    root = ElementTree.fromstring(first)
    words = draw(kind, review, answer).get_label()
    assert words
    assert words in "".join(root.itertext()), "the file says in words what it shows"
    assert root.findall(f".//{SVG}text"), "letters stay letters"


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_other_files_are_the_same_bytes_twice(
    suffix: str, shipped: Review, answers: dict[str, Synthesis], tmp_path: Path
) -> None:
    made = [written("icons", shipped, answers[FLAGSHIP], suffix, tmp_path / f"{i}.{suffix}") for i in range(2)]
    assert made[0] == made[1]
    assert made[0].startswith(b"%PDF" if suffix == "pdf" else b"\x89PNG")
    assert b"CreationDate" not in made[0]


def test_one_icon_is_one_person(shipped: Review, answers: dict[str, Synthesis], tmp_path: Path) -> None:
    for key, answer in answers.items():
        groups = [g.count for g in (answer.main.groups or (answer.main.overall,)) if g.count.total]
        if not groups or any(g.total > 100 for g in groups):
            with pytest.raises(NothingToDraw, match=r"100 people|nobody"):
                draw("icons", shipped, answer)
            continue
        drawn = written("icons", shipped, answer, "svg", tmp_path / f"{key}.svg").decode()
        filled, hollow = (len(re.findall(f'id="icon-{which}"', drawn)) for which in ("filled", "hollow"))
        assert filled == sum(g.events for g in groups)
        assert filled + hollow == sum(g.total for g in groups)


def test_the_flow_s_numbers_are_those_of_the_records(shipped: Review, answers: dict[str, Synthesis]) -> None:
    for answer in answers.values():
        found = flow_of(answer)
        assert found.sources == len(shipped.records.sources)
        assert found.studies == len(shipped.records.studies)
        assert sum(n for _, n in found.reasons) == len(answer.counts.excluded)
        assert found.counted_people == answer.main.overall.count.total
        assert 0 < found.reached <= found.studies
        others = set(shipped.records.studies) - _named(answer)
        assert found.studies - found.reached == len(others)
        treated = {a.treatment for study in others for a in shipped.records.studies[study].arms}
        asked = answer.question.treatment
        assert not treated & set(asked.ids), "a study of the treatment is nowhere in the flow"
        words = draw("flow", shipped, answer).get_label()
        for reason, number in found.reasons:
            assert f"{reason[:1].upper()}{reason[1:]}: {number}" in words


def _named(answer: Synthesis) -> set[str]:
    """Studies of which the answer says that they were counted, shown apart, under way, or why they were left out."""
    counts = answer.counts
    said = {out.study for out in (*counts.excluded, *counts.cases_excluded)}
    said |= {study for found in (answer.main, *answer.also) for study in found.overall.count.studies}
    return (
        said | {case.study for case in (counts.cases.rows if counts.cases else ())} | {s.id for s in counts.under_way}
    )


def test_the_flagship_s_flow(answers: dict[str, Synthesis]) -> None:
    found = flow_of(answers[FLAGSHIP])
    assert (found.counted_studies, found.counted_people, found.cases) == (2, 8, 8)
    assert (found.studies, found.reached, found.cases_left_out) == (77, 36, 18)
    assert found.left_out[0] == "Studies of other treatments, or that count nobody: 41"
    assert found.left_out[-1] == "Single case reports of other people or of another outcome: 18"


def run(*arguments: str) -> int:
    return entry(["figure", *arguments])


def test_the_command_writes_and_says_so(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review = str(repository / "reviews" / "alopecia-areata")
    to = tmp_path / "flow.svg"
    assert run("flow", FLAGSHIP, "-o", str(to), "--review", review) == 0
    assert "flow.svg" in capsys.readouterr().err
    assert "2 studies counted, 8 people" in to.read_text(encoding="utf-8")
    assert to.read_bytes().startswith(b"<?xml")


def test_nothing_to_draw_and_wrong_usage(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review = ["--review", str(repository / "tests" / "golden" / "review")]
    to = tmp_path / "x.svg"
    assert run("ladder", "calmol-whole", "-o", str(to), *review) == 2
    assert "no ladder of calmol-whole" in capsys.readouterr().err
    assert run("florest", "calmol-whole", "-o", str(to), *review) == 2
    assert "forest" in capsys.readouterr().err
    assert run("forest", "calmol-whole", "-o", str(tmp_path / "x.bmp"), *review) == 2
    assert ".svg" in capsys.readouterr().err
    assert run("forest", "calmol-hole", "-o", str(to), *review) == 2
    assert not list(tmp_path.iterdir()), "nothing is half written"


def test_help_lists_the_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    said = capsys.readouterr().out
    for kind, shows in KINDS.items():
        assert re.search(rf"^  {kind} +{re.escape(shows)}$", said, re.MULTILINE)
