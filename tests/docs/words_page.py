"""The table of docs/methods/words.md, made from the rules: ``python -m tests.docs.words_page`` writes it."""

from __future__ import annotations

from pathlib import Path

from handful.words.claim_rules import claim_rules

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "words.md"
BEGIN, END = "<!-- made by `python -m tests.docs.words_page`: begin -->\n", "<!-- end -->"
NEEDS = {
    "never": "nothing allows it",
    "comparison": "a comparison, an interval on one side, the verb of the certainty",
    "thresholds": "a comparison and thresholds",
    "most": "a lower limit above one half",
    "few": "an upper limit below one half",
    "many": "a hundred people",
}


def table() -> str:
    """One row a rule: its number, words it finds, what they need, why."""
    rules = claim_rules()
    rows = ["| rule | words like | allowed by | because it |", "|---|---|---|---|"]
    for rule in rules.words:
        rows.append(f"| {rule.rule} | {', '.join(rule.like)} | {NEEDS[rule.needs]} | {rule.says} |")
    for text in rules.numbers.values():
        rows.append(f"| {text.rule} | {', '.join(text.like)} | what stands beside it | {text.says} |")
    return "\n".join(rows) + "\n"


def made(page: str) -> str:
    """The page with the table of today."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
