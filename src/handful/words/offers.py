"""What may be written instead: real counts where they are known, the expressions of a page where it is one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from handful.base.wording import human_list
from handful.stats.one_group.proportion import proportion
from handful.stats.results import NotEstimable
from handful.words.language import Language
from handful.words.numbers_in_words import count, counted, number_word, people, range_in, share_in

SLOTS = ("count", "interval", "interval_alone", "comparison", "harm", "studies", "none", "all")


@dataclass(frozen=True)
class Offers:
    """What stands in each slot of an advice, see ``SLOTS``; ``groups`` have slots of their own, by their names."""

    slots: Mapping[str, str]
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def fill(self, advice: str, words: str = "", sentence: str = "") -> str:
        """The advice with its slots filled: those of the one group that the words name, or else the sentence."""
        slots = dict(self.slots)
        for text in (words, sentence):
            named = [name for name in self.groups if re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE)]
            if len(named) == 1:
                slots |= self.groups[named[0]]
                break
        return re.sub(r"\{(\w+)\}", lambda match: slots.get(match.group(1), match.group()), advice)


def offers_from_counts(counts: Mapping[str, tuple[int, int]], language: Language) -> Offers:
    """From counts by group name (an empty name for one group); without any, with … where a number stands."""
    if not counts:
        return Offers(
            {
                "count": "… of …",
                "interval": "; the true rate could be … to … in 100",
                "interval_alone": "… to … in 100",
                "comparison": "“these counts cannot tell the two groups apart”, or “between … fewer and … more in 100”",
                "harm": "“… of … had …”",
                "studies": "… studies, … people",
                "none": "“none of …; the true rate could be as high as … in 100”",
                "all": "“all … of …; the true rate could be as low as … in 100”",
            }
        )
    groups = list(counts)
    whole = _slots(counts, language)
    if len(groups) == 2:
        whole["comparison"] = _fixed(counts, groups, language)
    each = {name: _slots({name: pair}, language) for name, pair in counts.items()} if len(groups) > 1 else {}
    for slots in each.values():
        slots["comparison"] = whole["comparison"]
    return Offers(whole, each)


def _slots(counts: Mapping[str, tuple[int, int]], language: Language) -> dict[str, str]:
    spans = {name: _limits(*pair) for name, pair in counts.items()}
    told = human_list([f"{count(x, n, language)} {name}".strip() for name, (x, n) in counts.items()])
    several = len(counts) > 1
    each = human_list([range_in(*spans[name], language) + (f" for {name}" if several else "") for name in counts])
    total = people(sum(n for _, n in counts.values()), language)
    return {
        "count": told,
        "interval": f"; the true rate could be {each}",
        "interval_alone": each,
        "comparison": "“these counts cannot tell the groups apart”" if several else f"{told}, and nothing beside it",
        "harm": "“… of … had …”",
        "studies": f"{number_word(len(counts), language)} groups, {total} in all" if several else total,
        "none": _bounds(counts, spans, language, none=True),
        "all": _bounds(counts, spans, language, none=False),
    }


def _fixed(counts: Mapping[str, tuple[int, int]], groups: list[str], language: Language) -> str:
    """The fixed sentence on two groups, with its numbers."""
    from handful.stats.two_groups.two_by_two import two_groups
    from handful.words.result_sentence import sentence

    first, second = groups
    said = sentence(
        two_groups(*counts[first], *counts[second]), groups=(first, second), outcome="…", language=language.code
    )
    return f"“{str(said).split(': ', 1)[1]}”"


def _bounds(
    counts: Mapping[str, tuple[int, int]], spans: Mapping[str, tuple[float, float]], language: Language, *, none: bool
) -> str:
    for name, (x, n) in counts.items():
        if x == (0 if none else n):
            key, limit = ("as high as", spans[name][1]) if none else ("as low as", spans[name][0])
            return (
                f"“{counted(x, n, language)} {name}".rstrip()
                + f"; the true rate could be {key} {share_in(limit, language)}”"
            )
    return "the count, and what the true rate could be"


def _limits(events: int, total: int) -> tuple[float, float]:
    found = proportion(events, total)
    return (0.0, 1.0) if isinstance(found, NotEstimable) else (float(found.low), float(found.high))


def offers_of_a_page(groups: Collection[str], harms: Collection[str] = ()) -> Offers:
    """The expressions that a question's page has, with the names of its own groups."""
    comparison = "{{ overall.sentence }}"
    if len(groups) > 1:
        first, second = list(groups)[:2]
        comparison = f'{{{{ comparison("{first}", "{second}") }}}}'
    harm = f'{{{{ harm("{next(iter(harms))}").count }}}}' if harms else '{{ harm("…").count }}'

    def of(group: str) -> dict[str, str]:
        name = group.replace("-", "_")
        span = f"{{{{ {name}.interval_per_100 }}}}"
        return {
            "count": f"{{{{ {name}.count }}}}",
            "interval": f"; the true rate could be {span}",
            "interval_alone": span,
            "comparison": comparison,
            "harm": harm,
            "studies": "{{ overall.studies }} studies, {{ overall.people }} people",
            "none": f"{{{{ {name}.sentence }}}}",
            "all": f"{{{{ {name}.sentence }}}}",
        }

    return Offers(of(next(iter(groups), "overall")), {group.replace("-", " "): of(group) for group in groups})


OFFERS_WITHOUT_EXPRESSIONS = Offers(
    {
        "count": "… of … people",
        "interval": " and what the true rate could be",
        "interval_alone": "what the true rate could be",
        "comparison": "“these counts cannot tell the two groups apart”",
        "harm": "“… of … had …”",
        "studies": "… studies, … people",
        "none": "“none of …; the true rate could be as high as … in 100”",
        "all": "“all … of …; the true rate could be as low as … in 100”",
    }
)
"""For titles, reasons and self-care pages, which have no expressions."""
