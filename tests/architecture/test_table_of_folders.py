"""ARCHITECTURE.md says where things are. It is a promise, so it is compared with the folders."""

from __future__ import annotations

import re

from .source import PACKAGE, REPOSITORY, table_of_folders


def test_the_table_names_every_place_and_no_other() -> None:
    named = [place.name for place in table_of_folders()]
    assert len(named) == len(set(named))
    there = {folder.name for folder in PACKAGE.iterdir() if folder.is_dir() and list(folder.glob("*.py"))}
    there |= {file.name for file in PACKAGE.glob("*.py")}
    assert set(named) == there


def test_files_named_in_the_table_exist() -> None:
    missing = [
        f"{place.name}: {file}"
        for place in table_of_folders()
        for file in place.files
        if not (PACKAGE / place.name / file).is_file() and not (PACKAGE / file).is_file()
    ]
    assert not missing, "\n".join(missing)
    assert all(place.files for place in table_of_folders()), "each row says where to start reading"


def test_paths_in_where_to_add_what_exist() -> None:
    text = (REPOSITORY / "ARCHITECTURE.md").read_text(encoding="utf-8")
    review = "reviews/alopecia-areata"
    paths = {
        path.replace("reviews/<review>", review) for path in re.findall(r"`((?:src|tests|docs|reviews)/[^`]*)`", text)
    }
    assert len(paths) > 10
    missing = sorted(path for path in paths if not (REPOSITORY / path).exists())
    assert not missing, "\n".join(missing)


def test_the_table_inside_stats_names_every_folder_and_files_that_exist() -> None:
    text = (REPOSITORY / "ARCHITECTURE.md").read_text(encoding="utf-8")
    inside_stats = text.split("## Inside `stats/`")[1].split("\n\n")[2].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in inside_stats]
    named = {row[0].strip("`/"): re.findall(r"`([^`]+)`", row[2]) for row in rows}
    assert set(named) == {f.name for f in (PACKAGE / "stats").iterdir() if (f / "__init__.py").is_file()}
    missing = [
        f"{folder}/{file}"
        for folder, files in named.items()
        for file in files
        if not (PACKAGE / "stats" / folder / file).is_file()
    ]
    assert not missing, missing
    assert all(named.values()), "each row says where to start reading"
