"""How hard a text is to read: Flesch and Kincaid's grade.

Grade = 0.39 words/sentences + 11.8 syllables/words - 15.59 (Kincaid and others 1975, Naval Technical Training Command
report 8-75). It counts the length of words and sentences and nothing else; it is a smoke alarm, not a judgement.

Names that a text cannot do without (of diseases, drugs, scales) count as one short word each when they are given as
``known``: they are explained on first use, and no shorter word stands for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from handful.words.bare_text import sentences_of

MOST_WORDS = 400
HARDEST = 9.0
"""What the lay part of a page keeps to."""

# words whose vowels mislead the rule below; found by comparing it with a dictionary of the words the pages use
_EXCEPTIONS = {
    "area": 3, "areas": 3, "areata": 4, "being": 2, "business": 2, "clothes": 1, "created": 3, "doing": 2, "every": 2,
    "everyone": 3, "everything": 3, "evening": 2, "going": 2, "idea": 3, "ideas": 3, "lion": 2, "medicine": 3,
    "medicines": 3, "people": 2, "poet": 2, "quiet": 2, "reality": 4, "science": 2, "seeing": 2, "series": 2,
    "something": 2, "sometimes": 2, "somewhere": 2, "therefore": 2, "usually": 4, "various": 3, "weren't": 1,
    "whole": 1, "whose": 1, "create": 2, "react": 2, "reaction": 3, "trial": 2, "trials": 2, "diet": 2, "fewer": 2,
    "newer": 2, "lower": 2, "higher": 2, "our": 1, "hour": 1, "hours": 1, "were": 1, "there": 1, "where": 1,
    "severe": 2, "alopecia": 5, "placebo": 3, "one": 1, "once": 1, "eye": 1, "eyes": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """Words, sentences, syllables and the grade they make; a text without words has grade 0."""

    words: int
    sentences: int
    syllables: int

    @property
    def grade(self) -> float:
        """Flesch and Kincaid's grade."""
        if not self.words or not self.sentences:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59

    @property
    def fits(self) -> bool:
        """Whether a lay part may be like this: grade 9 at most, 400 words at most."""
        return self.grade <= HARDEST and self.words <= MOST_WORDS


def reading_level(text: str, known: Iterable[str] = ()) -> Reading:
    """The reading level of plain text.

    >>> reading_level("The cat sat on the mat. It was warm.").grade < 1
    True
    """
    names = sorted({name for name in known if name.strip()}, key=len, reverse=True)
    if names:
        pattern = r"\b(?:" + "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in names) + r")\b"
        text = re.sub(pattern, "it", text, flags=re.IGNORECASE)
    words = sentences = syllables = 0
    for span in sentences_of(text):
        found = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+", text[span.start : span.end])
        if any(word[0].isalpha() for word in found):
            sentences += 1
        words += len(found)
        syllables += sum(syllables_of(word) for word in found)
    return Reading(words, sentences, syllables)


def syllables_of(word: str) -> int:
    """Syllables of an English word: groups of vowels, less those that are silent. A number counts as one."""
    low = word.lower().replace("’", "'")
    if low.isdigit():
        return 1
    if low in _EXCEPTIONS:
        return _EXCEPTIONS[low]
    low = re.sub(r"'(?:s|t|d|re|ve|ll|m)?$", "", low)
    groups = len(re.findall(r"[aeiouyäöüéè]+", low))
    silent = (
        r"[^aeiouyl]e$|[aeiouy]le$"  # made, whole; not table
        r"|[^aeiouytd]ed$"  # helped; not treated
        r"|[^aeiouyscxzgl]es$(?<!ches)(?<!shes)|[aeiouy]les$"  # makes, wholes; not causes, tables
    )
    if groups > 1 and re.search(silent, low):
        groups -= 1
    if len(low) > 4:  # two vowels that are two syllables: trial, being, video
        groups += len(re.findall(r"i[aou](?!us|n\b|ns\b|nt|lly|l\b)|[aeiou]ing$|eo(?=n|l)|[^aeiou]uou", low))
    return max(1, groups)
