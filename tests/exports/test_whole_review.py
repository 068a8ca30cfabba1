"""One zip makes the site again, byte for byte; nothing private is in it."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from handful.exports.whole_review import code_digest, files_of
from handful.review import open_review
from handful.site.publish import publish


def hashes(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize("as_of", [None, datetime.date(2027, 1, 1)])
def test_unzip_build_compare(repository: Path, tmp_path: Path, as_of: datetime.date | None) -> None:
    publish(open_review(repository / "tests" / "golden" / "review"), to=tmp_path / "site", as_of=as_of)
    with zipfile.ZipFile(tmp_path / "site" / "review.zip") as archive:
        archive.extractall(tmp_path / "elsewhere")
    manifest = json.loads((tmp_path / "elsewhere" / "manifest.json").read_text(encoding="utf-8"))
    day = datetime.date.fromisoformat(manifest["as_of"]) if manifest["as_of"] else None
    publish(open_review(tmp_path / "elsewhere" / "review"), to=tmp_path / "again", as_of=day)
    first = hashes(tmp_path / "site")
    assert hashes(tmp_path / "again") == first
    told = {name: value.removeprefix("sha256:") for name, value in manifest["site"].items()}
    assert told == {name: value for name, value in first.items() if name not in ("review.zip", ".handful-site")}
    assert manifest["code"] == code_digest()


def test_the_shipped_review_is_rebuilt_from_its_zip(repository: Path, shipped_zip: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shipped_zip) as archive:
        archive.extractall(tmp_path)
    publish(open_review(tmp_path / "review"), to=tmp_path / "site")
    assert hashes(tmp_path / "site") == hashes(shipped_zip.parent)


@pytest.fixture(scope="module")
def shipped_zip(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped") / "site"
    publish(open_review(repository / "reviews" / "alopecia-areata"), to=folder)
    return folder / "review.zip"


def test_only_the_review_is_in_it(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "review"
    shutil.copytree(repository / "tests" / "golden" / "review", folder)
    belongs = files_of(folder)
    assert "review.yaml" in belongs
    assert any(name.startswith("questions/") and name.endswith(".md") for name in belongs)
    assert any(name.endswith(".patients.csv") for name in belongs)
    (folder / "private-notes.txt").write_text("do not publish")
    (folder / ".env").write_text("KEY=1")
    (folder / "sources" / "paper.pdf").write_bytes(b"%PDF")
    (folder / "sources" / ".hidden.yaml").write_text("id: x")
    outside = tmp_path / "outside.yaml"
    outside.write_text("secret: 1")
    (folder / "studies" / "link.yaml").symlink_to(outside)
    assert files_of(folder) == belongs
