"""The sources as CSL-JSON, RIS and BibTeX, for reference managers.

CSL-JSON is the canonical form; the two others are written from it. Only what the records hold is written: an author
that is not recorded is left out, not invented.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from handful.records.source import SEEN_WORDS, Source

Item = Mapping[str, Any]

CSL_TYPES = {
    "paper": "article-journal",
    "abstract": "paper-conference",
    "review": "article-journal",
    "guideline": "report",
    "registry": "webpage",
    "news": "article-newspaper",
    "clinic-article": "webpage",
    "patient-information": "webpage",
    "dataset": "dataset",
    "other": "document",
}
RIS_TYPES = {
    "article-journal": "JOUR",
    "paper-conference": "CPAPER",
    "report": "RPRT",
    "webpage": "ELEC",
    "article-newspaper": "NEWS",
    "dataset": "DATA",
    "document": "GEN",
}
BIBTEX_TYPES = {
    "article-journal": "article",
    "paper-conference": "inproceedings",
    "report": "techreport",
}
_BIBTEX_IN = {"article": "journal", "inproceedings": "booktitle", "techreport": "institution"}
_NOT_KNOWN = frozenset({"not reported", "not recorded"})


def csl_items(sources: Iterable[Source]) -> list[dict[str, Any]]:
    """Every source as a CSL-JSON item, by id.

    >>> from handful.records.source import Seen, Source
    >>> seven = Source(id="h", kind="paper", title="Seven patients", year=2020, seen=Seen(level="abstract"))
    >>> csl_items([seven])[0]["issued"]
    {'date-parts': [[2020]]}
    """
    return [_item(source) for source in sorted(sources, key=lambda s: s.id)]


def _item(source: Source) -> dict[str, Any]:
    item: dict[str, Any] = {"id": source.id, "type": CSL_TYPES[source.kind], "title": source.title}
    authors = [_name(name) for name in source.all_authors]
    if not authors and source.authors not in _NOT_KNOWN:
        authors = [{"literal": source.authors}]
    if authors:
        item["author"] = authors
    if isinstance(source.year, int):
        item["issued"] = {"date-parts": [[source.year]]}
    if source.journal not in _NOT_KNOWN:
        item["container-title"] = source.journal
    if source.pages:
        item["page"] = source.pages
    if source.doi:
        item["DOI"] = source.doi
    if source.pmid:
        item["PMID"] = source.pmid
    if source.registration:
        item["number"] = source.registration
    address = next((where for where in source.seen.where if re.fullmatch(r"https?://\S+", where)), None)
    if address:
        item["URL"] = address
    detail = source.seen.detail or SEEN_WORDS[source.seen.level]
    said = [f"Seen: {detail}", *(f"{n.kind.replace('-', ' ')}: {n.note or n.on}" for n in source.notices)]
    item["note"] = "; ".join(said)
    return item


def _name(name: str) -> dict[str, str]:
    """'Guttman-Yassky E' is a family name and initials; anything else is kept as it stands."""
    found = re.fullmatch(r"(?P<family>\S.*\S|\S) (?P<given>[A-Z][A-Z.\-]{0,5})", name.strip())
    return {"family": found["family"], "given": found["given"]} if found else {"literal": name}


def csl_json(items: Iterable[Item]) -> str:
    """The items as one JSON file."""
    return json.dumps(list(items), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def ris(items: Iterable[Item]) -> str:
    """The items as RIS: one tag a line, each record closed by ER."""
    return "\n".join(line for item in items for line in (*_ris(item), "")) + "\n"


def _ris(item: Item) -> Iterable[str]:
    def line(tag: str, value: str) -> str:
        return f"{tag}  - {_one_line(value)}"

    yield line("TY", RIS_TYPES[item["type"]])
    yield line("ID", item["id"])
    yield line("TI", item["title"])
    for author in item.get("author", ()):
        yield line("AU", author["literal"] if "literal" in author else f"{author['family']}, {author['given']}")
    if "issued" in item:
        yield line("PY", str(item["issued"]["date-parts"][0][0]))
    for tag, key in (("T2", "container-title"), ("DO", "DOI"), ("UR", "URL"), ("M1", "number"), ("N1", "note")):
        if key in item:
            yield line(tag, item[key])
    if "page" in item:
        first, _, last = _one_line(item["page"]).replace("–", "-").partition("-")
        yield line("SP", first)
        if last:
            yield line("EP", last)
    if "PMID" in item:
        yield line("AN", item["PMID"])
    yield "ER  - "


def bibtex(items: Iterable[Item]) -> str:
    """The items as BibTeX in UTF-8; titles keep their capitals."""
    return "\n".join(_bibtex(item) for item in items)


def _bibtex(item: Item) -> str:
    kind = BIBTEX_TYPES.get(item["type"], "misc")
    fields: dict[str, str] = {}
    if "author" in item:
        fields["author"] = " and ".join(
            f"{{{_tex(a['literal'])}}}" if "literal" in a else f"{_tex(a['family'])}, {_tex(a['given'])}"
            for a in item["author"]
        )
    fields["title"] = f"{{{_tex(item['title'])}}}"
    if "issued" in item:
        fields["year"] = str(item["issued"]["date-parts"][0][0])
    if "container-title" in item:
        fields[_BIBTEX_IN.get(kind, "howpublished")] = _tex(item["container-title"])
    for name, key in (("pages", "page"), ("number", "number"), ("note", "note")):
        if key in item:
            fields[name] = _tex(item[key])
    for name, key in (("doi", "DOI"), ("pmid", "PMID"), ("url", "URL")):
        if key in item:
            fields[name] = _bare(item[key])
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@{kind}{{{item['id']},\n{body}}}\n"


_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def _tex(text: str) -> str:
    """Plain text; signs that mean something to TeX mean themselves."""
    return "".join(_TEX.get(c, c) for c in _one_line(text))


def _bare(text: str) -> str:
    """An address or number, in which nothing is escaped; braces would end the field."""
    return _one_line(text).replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _one_line(text: str) -> str:
    """Without line ends and other controls, which would begin a field of their own."""
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text).split())


__all__ = ["bibtex", "csl_items", "csl_json", "ris"]
