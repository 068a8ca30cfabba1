"""What may be written instead: real counts where they are known, the expressions of a page where it is one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from handful.stats.one_group.proportion import proportion
from handful.stats.results import NotEstimable
from handful.words.language import Language
from handful.words.language import language as language_of
from handful.words.numbers_in_words import count, counted, joined, number_word, people, range_in, share_in

SLOTS = ("count", "interval", "interval_alone", "comparison", "harm", "studies", "none", "all")


@dataclass(frozen=True)
class Offers:
    """What stands in each slot of an advice, see ``SLOTS``; ``groups`` have slots of their own, by their names."""

    slots: Mapping[str, str]
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    expressions: bool = True
    """Whether the text may hold expressions."""

    def fill(self, advice: str, words: str = "", near: str = "", sentence: str = "") -> str:
        """The advice with its slots filled: of the one group that the words name, or those near by, or the sentence."""
        slots = dict(self.slots)
        for text in (words, near, sentence) if self.groups else ():
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
                "count": language.text("offer.unknown-count"),
                "interval": language.text("offer.interval-unknown"),
                "interval_alone": language.text("offer.limits-unknown"),
                "comparison": language.text("offer.comparison-unknown"),
                **_unknown(language),
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


def offers_without_expressions(language: Language) -> Offers:
    """For titles, reasons and self-care pages, which have no expressions."""
    return Offers(
        {
            "count": language.text("offer.unknown-people"),
            "interval": language.text("offer.interval-words"),
            "interval_alone": language.text("offer.limits-words"),
            "comparison": language.text("offer.comparison-both"),
            **_unknown(language),
        },
        expressions=False,
    )


def _unknown(language: Language) -> dict[str, str]:
    return {
        "harm": language.text("offer.harm"),
        "studies": language.text("offer.studies-unknown"),
        "none": language.text("offer.none-unknown"),
        "all": language.text("offer.all-unknown"),
    }


def _slots(counts: Mapping[str, tuple[int, int]], language: Language) -> dict[str, str]:
    spans = {name: range_in(*_limits(*pair), language) for name, pair in counts.items()}
    several = len(counts) > 1
    each_count = [
        language.text("offer.count", count=count(x, n, language), group=g).strip() for g, (x, n) in counts.items()
    ]
    each_span = [language.text("offer.limits", range=spans[g], group=g) if several else spans[g] for g in counts]
    told, each = str(joined(each_count, language)), str(joined(each_span, language))
    total = people(sum(n for _, n in counts.values()), language)
    groups = number_word(len(counts), language)
    return {
        "count": told,
        "interval": language.text("offer.interval", range=each),
        "interval_alone": each,
        "comparison": language.text("offer.comparison")
        if several
        else language.text("offer.comparison-alone", count=told),
        "harm": language.text("offer.harm"),
        "studies": language.text("offer.studies", groups=groups, people=total) if several else total,
        "none": _bounds(counts, language, none=True),
        "all": _bounds(counts, language, none=False),
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


def _bounds(counts: Mapping[str, tuple[int, int]], language: Language, *, none: bool) -> str:
    for name, (x, n) in counts.items():
        if x == (0 if none else n):
            limit = share_in(_limits(x, n)[1 if none else 0], language)
            told = language.text("offer.count", count=counted(x, n, language), group=name).strip()
            return language.text("offer.none" if none else "offer.all", count=told, limit=limit)
    return language.text("offer.bounds")


def _limits(events: int, total: int) -> tuple[float, float]:
    found = proportion(events, total)
    return (0.0, 1.0) if isinstance(found, NotEstimable) else (float(found.low), float(found.high))


def offers_of_a_page(groups: Collection[str], harms: Collection[str] = ()) -> Offers:
    """The expressions that a question's page has, with the names of its own groups."""
    words = language_of()
    comparison = "{{ overall.sentence }}"
    if len(groups) > 1:
        first, second = list(groups)[:2]
        comparison = f'{{{{ comparison("{first}", "{second}") }}}}'
    harm = f'{{{{ harm("{next(iter(harms))}").count }}}}' if harms else '{{ harm("…").count }}'
    basis = {"studies": "{{ overall.studies }}", "people": "{{ overall.people }}"}

    def of(group: str) -> dict[str, str]:
        name = group.replace("-", "_")
        span = f"{{{{ {name}.interval_per_100 }}}}"
        return {
            "count": f"{{{{ {name}.count }}}}",
            "interval": words.text("offer.interval", range=span),
            "interval_alone": span,
            "comparison": comparison,
            "harm": harm,
            "studies": words.text("offer.studies-page", **basis),
            "none": f"{{{{ {name}.sentence }}}}",
            "all": f"{{{{ {name}.sentence }}}}",
        }

    return Offers(of(next(iter(groups), "overall")), {group.replace("-", " "): of(group) for group in groups})
