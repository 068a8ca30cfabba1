"""A difference names what moved, which record did it, and nothing else; its steps add up to the whole."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from handful.cli.main import entry
from handful.living.answered import answered, moved
from handful.living.diff import diff
from handful.living.note import note
from handful.living.replay import replay
from handful.living.units import in_one_order, units, with_unit
from handful.review import open_review

from .copies import edit, git

REPOSITORY = Path(__file__).resolve().parents[2]
SMALL = REPOSITORY / "tests/golden/review"


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """The same small review twice."""
    for name in ("old", "new"):
        shutil.copytree(SMALL, tmp_path / name)
    return tmp_path / "old", tmp_path / "new"


def test_a_review_and_itself_do_not_differ(two: tuple[Path, Path]) -> None:
    found = diff(*two)
    assert found.empty
    assert "nothing differs" in note(found)


def test_the_order_of_lists_and_keys_changes_nothing(two: tuple[Path, Path]) -> None:
    from ruamel.yaml import YAML

    yaml = YAML()
    for file in sorted((two[1] / "studies").glob("*.yaml")):
        data = yaml.load(file.read_text(encoding="utf-8"))
        turned = {key: data[key] for key in reversed(list(data))}
        with file.open("w", encoding="utf-8") as out:
            yaml.dump(turned, out)
    assert diff(*two).empty


def test_replacing_every_record_one_by_one_gives_the_other_review(two: tuple[Path, Path]) -> None:
    shipped = in_one_order(open_review(REPOSITORY / "reviews/alopecia-areata"))
    small = in_one_order(open_review(two[0]))
    target = units(shipped)
    review = small
    for unit in units(small):
        if unit not in target:
            review = with_unit(review, unit, None)
    for unit, content in target.items():
        review = with_unit(review, unit, content)
    assert units(review) == target


def _random_edit(review: Any, rng: random.Random) -> Any:
    """One reported count of one study moved by one."""
    identifier = rng.choice(sorted(review.records.studies))
    study = review.records.studies[identifier]
    counted = [
        (i, j)
        for i, arm in enumerate(study.arms)
        for j, outcome in enumerate(arm.outcomes)
        if outcome.responders is not None
    ]
    if not counted:
        return review, None
    i, j = rng.choice(counted)
    arm = study.arms[i]
    outcome = arm.outcomes[j]
    old = outcome.responders
    value = max(0, old.value - 1)
    if value == old.value:
        return review, None
    changed = outcome.model_copy(update={"responders": old.model_copy(update={"value": value})})
    outcomes = (*arm.outcomes[:j], changed, *arm.outcomes[j + 1 :])
    arms = (*study.arms[:i], arm.model_copy(update={"outcomes": outcomes}), *study.arms[i + 1 :])
    return with_unit(review, _unit(identifier), study.model_copy(update={"arms": arms})), _unit(identifier)


def _unit(identifier: str) -> Any:
    from handful.living.units import Unit

    return Unit("studies", identifier)


def test_steps_of_random_changes_add_up_and_name_every_number_that_moved() -> None:
    """Edits of the small review, several records at a time; the note lists exactly what two answers differ in."""
    start = in_one_order(open_review(SMALL))
    rng = random.Random(20261128)
    seen = 0
    for _ in range(12):
        review, touched = start, set()
        for _ in range(rng.randint(1, 3)):
            review, unit = _random_edit(review, rng)
            touched |= {unit} - {None}
        found = diff(start, review)
        for question in start.questions:
            old, new = answered(start, question), answered(review, question)
            whole = moved(old, new)
            change = next((a for a in found.answers if a.question == question), None)
            assert {m.moved for m in change.movements} == set(whole) if change else not whole
            if change is None:
                continue
            seen += 1
            content = units(review)
            steps, end = replay(start, question, {u: content[u] for u in touched}, start=old)
            assert not moved(end, new), "after the last step the answer is the new one"
            state = {m.path: m.old for step in reversed(steps) for m in step.moved}
            assert all(state[m.path] == m.old for m in whole), (
                "the first step that moves a number starts from the old one"
            )
            assert all(m.by and set(m.by) <= touched for m in change.movements), "moved by a record that was changed"
            words = note(found)
            assert words.count("; moved by ") >= len(whole)
    assert seen >= 8


def test_a_changed_plan_is_said_before_anything_else(two: tuple[Path, Path]) -> None:
    file = next((two[1] / "questions").glob("*.yaml"))
    file.write_text(file.read_text(encoding="utf-8") + "plan: {level: 0.9}\n", encoding="utf-8")
    found = diff(*two)
    assert [record.unit.kind for record in found.plans] == ["questions"]
    words = note(found)
    assert words.index("was changed after an answer was known") < words.index("## Answers")


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A repository: first without the review, then the review, then one count corrected, then the folder renamed."""
    git(tmp_path, "init", "-q")
    (tmp_path / "readme").write_text("nothing yet\n", encoding="utf-8")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "before the review")
    git(tmp_path, "tag", "before")
    shutil.copytree(SMALL, tmp_path / "review")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "the review")
    git(tmp_path, "tag", "v1")
    return tmp_path


def _correct_a_count(folder: Path) -> str:
    study = next(
        s
        for s in open_review(folder).records.studies.values()
        if any(o.responders and o.responders.value for a in s.arms for o in a.outcomes)
    )
    value = next(o.responders.value for a in study.arms for o in a.outcomes if o.responders and o.responders.value)
    path = folder / f"studies/{study.id}.yaml"
    text = path.read_text(encoding="utf-8")
    head, tail = text.split("outcomes:", 1)
    path.write_text(head + "outcomes:" + tail.replace(f"value: {value}", f"value: {value - 1}", 1), encoding="utf-8")
    return study.id


def test_revisions_are_compared_and_commits_give_the_reasons(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = _correct_a_count(history / "review")
    git(history, "commit", "-qam", "count read again in table 2")
    assert entry(["diff", "v1", "HEAD", "--review", str(history / "review")]) == 0
    told = capsys.readouterr().out
    assert f"Study {study} (studies/{study}.yaml:" in told
    assert "Reason given: count read again in table 2" in told
    git(history, "mv", "review", "moved")
    git(history, "commit", "-qm", "moved")
    assert entry(["diff", "v1", "--review", str(history / "moved"), "--json"]) == 0
    assert f'"id": "{study}"' in capsys.readouterr().out


def test_what_cannot_be_compared_is_said_in_words(history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review = history / "review"
    assert entry(["diff", "before", "--review", str(review)]) == 1
    assert "there was no review in review" in capsys.readouterr().err
    assert entry(["diff", "no-such", "--review", str(review)]) == 2
    assert "there is no revision 'no-such'" in capsys.readouterr().err
    file = next((review / "studies").glob("*.yaml"))
    text = file.read_text(encoding="utf-8")
    file.write_text("<<<<<<< HEAD\n" + text + "=======\n" + text + ">>>>>>> other\n", encoding="utf-8")
    assert entry(["diff", "v1", "--review", str(review)]) == 1
    told = capsys.readouterr()
    assert f"studies/{file.name}:1: unresolved-merge" in told.err + told.out
    assert "Traceback" not in told.err
    git(history, "commit", "-qam", "broken")
    assert entry(["diff", "HEAD", str(SMALL), "--review", str(review)]) == 1
    told = capsys.readouterr()
    assert f"HEAD:studies/{file.name}:1" in told.err + told.out


def test_an_answer_that_cannot_be_computed_is_said_so(two: tuple[Path, Path]) -> None:
    study = next(
        s for s in open_review(two[1]).records.studies.values() if any(o.responders for a in s.arms for o in a.outcomes)
    )
    path = two[1] / f"studies/{study.id}.yaml"
    head, tail = path.read_text(encoding="utf-8").split("responders:", 1)
    path.write_text(head + "responders:" + re.sub(r"value: \d+", "value: 90000", tail, count=1), encoding="utf-8")
    found = diff(*two)
    assert any("more events than people" in a.problem for a in found.answers)
    assert "cannot be compared" in note(found)


def test_what_is_concluded_for_the_first_time_is_no_changed_conclusion(two: tuple[Path, Path]) -> None:
    """A question that begins to ask about a harm says one thing more, and nothing otherwise."""
    edit(two[0], "questions/calmol-whole.yaml", "harms:\n  outcomes: worse\n  case_outcomes: worse\n", "")
    found = diff(*two)
    assert not found.conclusion_changed
    (answer,) = found.answers
    assert {what.split(", ")[0] for what, _ in answer.first} == {"certainty of the effect", "certainty of the rate"}
    said = note(found)
    assert "**Conclusion changed: no.**" in said
    assert "Concluded for the first time:" in said

    back = diff(two[1], two[0])  # and the other way round a reader is told that it is no longer said
    assert back.conclusion_changed
    assert back.answers[0].first == ()


def test_a_study_and_its_source_under_other_ids_are_renamed_and_move_nothing(two: tuple[Path, Path]) -> None:
    new = two[1]
    for folder in ("studies", "sources"):
        old = new / folder / "letter-2021.yaml"
        old.rename(new / folder / "letter-of-2021.yaml")
    for path in new.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"\bletter-2021\b(?!-)", "letter-of-2021", text), encoding="utf-8")
    found = diff(*two)
    renamed = {(r.unit.kind, r.unit.id) for r in found.records if r.kind == "renamed"}
    assert renamed == {("studies", "letter-of-2021"), ("sources", "letter-of-2021")}
    assert not [r for r in found.records if r.kind in ("added", "removed")]
    assert found.answers == ()
    assert not found.empty
    words = note(found)
    assert "Records under another id" in words
    assert "letter-2021 → letter-of-2021" in words
    assert "No answer moved." in words


def test_a_renamed_study_with_a_corrected_count_is_one_that_went_and_one_that_came(two: tuple[Path, Path]) -> None:
    old = two[1] / "studies/letter-2021.yaml"
    text = old.read_text(encoding="utf-8").replace("id: letter-2021", "id: other", 1)
    (two[1] / "studies/other.yaml").write_text(text.replace("value: 4", "value: 5", 1), encoding="utf-8")
    old.unlink()
    kinds = {(r.kind, r.unit.id) for r in diff(*two).records if r.unit.kind == "studies"}
    assert kinds == {("added", "other"), ("removed", "letter-2021")}


def test_a_retraction_is_told_loudly(two: tuple[Path, Path]) -> None:
    path = two[1] / "sources/series-2020.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "notices: [{kind: retraction, on: 2026-11-01}]\n")
    found = diff(*two)
    ((unit, told),) = found.retracted
    assert unit.id == "series-2020"
    assert told in note(found).split("## Answers")[0]
    assert "retracted" in told
    assert diff(two[1], two[1]).retracted == ()
    assert diff(two[1], two[0]).retracted == ()


def test_of_more_changes_than_can_be_made_alone_several_are_made_together(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from handful.living import replay as module

    small, new = in_one_order(open_review(two[0])), in_one_order(open_review(two[1]))
    for unit, content in units(new).items():
        if unit.kind == "studies":
            arms = tuple(arm.model_copy(update={"n": _more(arm.n)}) for arm in content.arms)  # type: ignore[union-attr]
            new = with_unit(new, unit, content.model_copy(update={"arms": arms}))  # type: ignore[union-attr]
    monkeypatch.setattr(module, "most_steps", lambda studies: 2)
    found = diff(small, new)
    for answer in found.answers:
        assert len(answer.steps) <= 2
        for moved_part in answer.movements:
            assert moved_part.by, moved_part.moved.path
            rows = [name for word in moved_part.moved.path if (name := word.split(" ")[0]) in small.records.studies]
            if rows:  # a row of one study was moved by that study
                assert {u.id for u in moved_part.by if u.kind == "studies"} == {rows[0]}


def _more(people: Any) -> Any:
    """One person more of every kind."""
    numbers = {kind.replace("-", "_"): people.get(kind) for kind in people.kinds()}
    return people.model_copy(
        update={k: number.model_copy(update={"value": number.value + 1}) for k, number in numbers.items()}
    )
