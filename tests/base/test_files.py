"""Whole files or none, and never outside the folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from handful.base.files import OutsideFolder, inside, write_whole


@pytest.mark.parametrize("name", ["a.txt", "deep/er/a.txt", "deep/../a.txt", "."])
def test_names_inside_are_paths(name: str, tmp_path: Path) -> None:
    assert inside(tmp_path, name).resolve().is_relative_to(tmp_path.resolve())


@pytest.mark.parametrize("name", ["../a.txt", "/etc/passwd", "deep/../../a.txt", "out/a.txt", "loop"])
def test_names_that_lead_out_are_refused(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)
    (folder / "loop").symlink_to("loop")
    with pytest.raises(OutsideFolder):
        inside(folder, name)


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    write_whole(path, "old")

    def fails(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="no space"):
        write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"], "nothing half-written stays"


def test_text_is_utf8_and_folders_are_made(tmp_path: Path) -> None:
    write_whole(tmp_path / "x" / "y" / "a.txt", "τ²\n")
    assert (tmp_path / "x" / "y" / "a.txt").read_bytes() == "τ²\n".encode()
    assert (tmp_path / "x" / "y" / "a.txt").stat().st_mode & 0o777 == 0o644
