"""Fixed phrases, the names of methods with their papers, and the words that counts alone do not carry."""

from __future__ import annotations

from dataclasses import dataclass

from handful.words.language import language, told


def fixed(name: str) -> str:
    """A phrase that is always the same, by its name: 'why-intervals', 'case-reports-apart'."""
    return told(f"fixed.{name}")


def rules() -> tuple[str, ...]:
    """How the pages keep to their counts, sentence by sentence."""
    return language().words("fixed.rules")


@dataclass(frozen=True)
class Method:
    """A method by its code, and the paper it comes from."""

    code: str
    doi: str

    @property
    def name(self) -> str:
        """Its name for readers."""
        return told(f"methods.{self.code}")


_DOIS = {
    "clopper-pearson": "10.1093/biomet/26.4.404",
    "mid-p": "10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E",
    "blaker": "10.2307/3315916",
    "wilson": "10.1080/01621459.1927.10502953",
    "jeffreys": "10.1214/ss/1009213286",
    "miettinen-nurminen": "10.1002/sim.4780040211",
    "newcombe": "10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I",
    "agresti-caffo": "10.1080/00031305.2000.10474560",
    "boschloo": "10.1111/j.1467-9574.1970.tb00104.x",
    "barnard": "10.1093/biomet/34.1-2.123",
    "fisher": "10.2307/2340521",
    "fisher-mid-p": "10.1080/01621459.1961.10482105",
    "binomial-normal": "10.1002/sim.4040",
    "beta-binomial": "10.1002/sim.6383",
    "common-effect": "10.1093/biomet/26.4.404",
    "bayes": "10.1002/jrsm.1370",
}

METHODS = {code: Method(code, doi) for code, doi in _DOIS.items()}


def method_name(code: str) -> str:
    """The method's name for readers; a code without an entry stays as it is."""
    known = METHODS.get(code)
    return known.name if known else code


def banned_words(text: str) -> tuple[str, ...]:
    """The words in ``text``, outside quotation marks, that counts without a comparison do not carry.

    >>> banned_words("Effective in children; the paper says “effective”.")
    ('Effective',)
    """
    from handful.words.claim_rules import claim_rules
    from handful.words.claims import find_claims
    from handful.words.evidence_behind import EvidenceBehind
    from handful.words.offers import Offers

    rules = claim_rules()
    found = find_claims(text, EvidenceBehind(), Offers({}), rules)
    return tuple(one.words for one in found if one.id not in rules.numbers)
