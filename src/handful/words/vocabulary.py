"""Fixed phrases, the names of methods with their papers, and the words that counts alone do not carry."""

from __future__ import annotations

from dataclasses import dataclass

DESIGN_MANY: dict[str, str] = {
    "randomised": "randomised trials",
    "non-randomised": "non-randomised comparisons",
    "single-arm-trial": "trials without a comparison group",
    "cohort": "cohorts",
    "case-series": "case series",
    "case-report": "case reports",
    "pooled-trials": "sets of pooled trials",
    "literature-review": "literature reviews",
    "spontaneous-reports": "sets of spontaneous reports",
    "cross-sectional": "cross-sectional studies",
    "not reported": "studies of unreported design",
}

DESIGN_ONE: dict[str, str] = {
    "pooled-trials": "set of pooled trials",
    "spontaneous-reports": "set of spontaneous reports",
    "not reported": "study of unreported design",
}
"""Where the name of the design is a plural already, or no noun."""

COMPARED = frozenset({"randomised", "non-randomised", "pooled-trials"})
"""Designs that had a comparison group."""

ALTERNATIVES = (
    "Other people, measured at other times, with other definitions. They are set side by side so that each can be read "
    "for itself, and are never contrasted: nothing here says that one treatment does more than another."
)
NO_PLACEBO = (
    "No placebo or untreated group of such people is in the records, so how often it happens without treatment is not "
    "known from here."
)
CASE_REPORTS_APART = (
    "A person for whom something happened is more likely to be written about than one for whom nothing did. So single "
    "reports are listed, and never added to the counts above."
)
REPORTS_NOT_RATES = (
    "These are reports, not rates: nobody knows how many people were treated for each person reported here."
)
SAME_PEOPLE = "These are not further people: the same studies, counted under another word."
NOT_ALL_THE_SAME = (
    "Some of these people are in the count above too, some are others. Counts under different words are not added up."
)
NOT_A_HEADLINE = "not a headline"
WHY_INTERVALS = (
    "Chance alone could have given other counts, the more so the fewer the people. The bar spans every true rate for "
    "which these counts would be no surprise; the mark on it is only what was counted."
)

PROBABILITY_PRIOR: dict[str, str] = {
    "jeffreys": "Jeffreys prior, Beta(½, ½), on both rates",
    "uniform": "uniform prior, Beta(1, 1), on both rates",
}

CONSEQUENCE: dict[str, str] = {
    "bounds": "the answer is told for each value",
    "sensitivity": "the answer is computed with each value",
    "shown": "it is told; no further answer is computed",
    "excluded": "left out of every count",
}


RULES = (
    "Every number names the place it was read in, with the words that stood there and how much of the source was seen.",
    "Numbers in the text are computed from the records when the page is built. None is typed by hand.",
    "Below 20 people no percentage is written in the text: the count is, and what the true rate could be.",
    "Single case reports are listed, and never added to series or trials.",
    "Counts without a comparison group are described. They are not contrasted, and no cause is read from them.",
    "Where sources disagree, every value is kept, with the one that is used and why.",
    "A count of each paper's own definition stands under that definition; a sum that mixes definitions says so.",
    "Harms are counted in the same way, with the same denominators, and shown as large as benefits.",
)


@dataclass(frozen=True)
class Method:
    """A method's name for readers and the paper it comes from."""

    name: str
    doi: str


METHODS: dict[str, Method] = {
    "clopper-pearson": Method("exact (Clopper–Pearson)", "10.1093/biomet/26.4.404"),
    "mid-p": Method("mid-P", "10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E"),
    "blaker": Method("Blaker's exact", "10.2307/3315916"),
    "wilson": Method("Wilson score", "10.1080/01621459.1927.10502953"),
    "jeffreys": Method("Jeffreys", "10.1214/ss/1009213286"),
    "miettinen-nurminen": Method("Miettinen–Nurminen", "10.1002/sim.4780040211"),
    "newcombe": Method("Newcombe", "10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I"),
    "agresti-caffo": Method("Agresti–Caffo", "10.1080/00031305.2000.10474560"),
    "boschloo": Method("Boschloo's exact test", "10.1111/j.1467-9574.1970.tb00104.x"),
    "barnard": Method("Barnard's exact test", "10.1093/biomet/34.1-2.123"),
    "fisher": Method("Fisher's exact test", "10.2307/2340521"),
    "fisher-mid-p": Method("Fisher's test, mid-P", "10.1080/01621459.1961.10482105"),
    "binomial-normal": Method("binomial-normal model, maximum likelihood", "10.1002/sim.4040"),
    "beta-binomial": Method("beta-binomial model, maximum likelihood", "10.1002/sim.6383"),
    "common-effect": Method("one common rate", "10.1093/biomet/26.4.404"),
    "bayes": Method("binomial-normal model, posterior by quadrature", "10.1002/jrsm.1370"),
}


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
