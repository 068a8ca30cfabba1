"""The sources in three forms for reference managers, read back by small readers that share no code with the writers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from handful.exports.references import bibtex, csl_items, csl_json, ris
from handful.records.source import Seen, Source
from handful.review import open_review

HARD = Source(
    id="hard",
    kind="paper",
    title="100 % of {braces} & \\ $5_or #6 ~ ^\nER  - not the end }, @article{x, Müller 漢字",
    authors="Harada and colleagues",
    all_authors=("Guttman-Yassky E", "de la Cruz AB", "The Study Group"),
    year=2020,
    journal="J & J",
    pages="511–515",
    doi="10.1000/a_b(c)%d",
    pmid="123",
    seen=Seen(level="abstract", where=("https://example.org/a_b",)),
)
BARE = Source(id="bare", kind="other", title="t", seen=Seen(level="title-only"))


def read_ris(text: str) -> list[dict[str, list[str]]]:
    records: list[dict[str, list[str]]] = []
    for line in text.split("\n"):
        if not line:
            continue
        found = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line)
        assert found, line
        tag, value = found.groups()
        if tag == "TY":
            records.append({})
        records[-1].setdefault(tag, []).append(value)
    assert all(next(iter(r)) == "TY" and list(r)[-1] == "ER" and r["ER"] == [""] for r in records)
    return records


def read_bibtex(text: str) -> dict[str, dict[str, str]]:
    """Entries by counting braces; TeX's signs are turned back."""
    back = {r"\textbackslash{}": "\\", r"\textasciitilde{}": "~", r"\textasciicircum{}": "^"}
    entries: dict[str, dict[str, str]] = {}
    for found in re.finditer(r"^@(\w+)\{([^,]+),\n(.*?)^\}\n", text, re.MULTILINE | re.DOTALL):
        fields = {"": found[1]}
        for line in found[3].splitlines():
            name, value = re.fullmatch(r"  (\w+) = \{(.*)\},", line).groups()  # type: ignore[union-attr]
            depth = 0
            for sign in re.sub(r"\\[{}]", "", value):
                depth += {"{": 1, "}": -1}.get(sign, 0)
                assert depth >= 0, line
            assert depth == 0, line
            for sign, plain in back.items():
                value = value.replace(sign, plain)
            fields[name] = re.sub(r"\\([{}&%$#_])", r"\1", value)
        entries[found[2]] = fields
    return entries


def test_what_is_hard_comes_back_whole() -> None:
    items = csl_items([HARD, BARE])
    title = " ".join(HARD.title.split())
    bare, hard = read_ris(ris(items))
    assert hard["TI"] == [title], "a line end in a title would begin a field of its own"
    assert hard["AU"] == ["Guttman-Yassky, E", "de la Cruz, AB", "The Study Group"]
    assert (hard["PY"], hard["DO"], hard["SP"], hard["EP"]) == (["2020"], ["10.1000/a_b(c)%d"], ["511"], ["515"])
    assert not {"AU", "PY", "T2"} & set(bare), "what is not recorded is not invented"
    entries = read_bibtex(bibtex(items))
    assert entries["hard"]["title"] == f"{{{title}}}"
    assert entries["hard"]["author"] == "Guttman-Yassky, E and de la Cruz, AB and {The Study Group}"
    assert entries["hard"]["journal"] == "J & J"
    assert entries["hard"]["doi"] == "10.1000/a_b(c)%d"
    assert set(entries["bare"]) == {"", "title", "note"}
    assert json.loads(csl_json(items)) == items
    assert items[1]["author"][0] == {"family": "Guttman-Yassky", "given": "E"}


@pytest.mark.parametrize("name", ["alopecia-areata", "progabide-epilepsy"])
def test_every_source_of_the_shipped_reviews_is_there_in_all_three(repository: Path, name: str) -> None:
    sources = open_review(repository / "reviews" / name).records.sources
    items = csl_items(sources.values())
    assert [item["id"] for item in items] == sorted(sources)
    entries, records = read_bibtex(bibtex(items)), read_ris(ris(items))
    assert list(entries) == sorted(sources) == [r["ID"][0] for r in records]
    for item, record in zip(items, records, strict=True):
        source = sources[item["id"]]
        assert record["TI"] == [" ".join(source.title.split())]
        assert ("DO" in record) == bool(source.doi)
        if source.authors in ("not recorded", "not reported") and not source.all_authors:
            assert "author" not in item
            assert "author" not in entries[source.id]
