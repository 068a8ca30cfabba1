"""One version everywhere, links that lead somewhere, and a lock file that belongs to pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import handful


def _project(repository: Path) -> dict[str, object]:
    loaded = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    project = loaded["project"]
    assert isinstance(project, dict)
    return project


def test_the_version_is_one(repository: Path) -> None:
    version = handful.__version__
    assert _project(repository)["version"] == version
    assert f"\nversion: {version}\n" in (repository / "CITATION.cff").read_text(encoding="utf-8")


def test_changelog_begins_with_this_version(repository: Path) -> None:
    headings = re.findall(r"^## (\S+)", (repository / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0].rstrip(",") == handful.__version__


def test_every_dependency_is_locked_and_has_its_line(repository: Path) -> None:
    project = _project(repository)
    lock = (repository / "requirements.lock").read_text(encoding="utf-8").lower()
    words = (repository / "docs/decisions/dependencies.md").read_text(encoding="utf-8")
    dependencies = project["dependencies"]
    assert isinstance(dependencies, list)
    assert dependencies
    for line in dependencies:
        name = re.split(r"[<>=\s\[]", line)[0]
        locked = re.search(rf"^{re.escape(name.replace('.', '-'))}==(\S+)", lock, re.MULTILINE)
        assert locked, f"{name} is not in requirements.lock: make lock"
        assert f"| {name} {locked[1]} |" in words, f"dependencies.md: no line for {name} {locked[1]}"


def test_the_lock_names_no_index_and_has_hashes(repository: Path) -> None:
    lock = (repository / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    requirements = re.findall(r"^[a-z0-9].*==.*", lock, re.MULTILINE)
    assert len(requirements) > 20
    assert all(line.rstrip().endswith("\\") for line in requirements), "a requirement without hashes"


def test_relative_links_lead_somewhere(repository: Path) -> None:
    missing = []
    checked = 0
    documents = [*repository.glob("*.md"), *(repository / "docs").rglob("*.md"), *(repository / "changes").glob("*.md")]
    for document in documents:
        text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            target = link.split("#")[0]
            if not target or "://" in target or target.startswith("mailto:"):
                continue
            checked += 1
            if not (document.parent / target).exists():
                missing.append(f"{document.relative_to(repository)}: {link}")
    assert checked > 5
    assert not missing, "\n".join(missing)
