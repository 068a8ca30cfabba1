"""handful: what a handful of patients can, and cannot, tell you.

The public names, nothing else. Each is loaded from its module when it is first used (PEP 562), so ``import handful``
and ``handful --help`` cost almost nothing, and numpy is read only by what computes.

>>> import handful as hf
>>> hf.proportion(1, 4).method
'clopper-pearson'
"""

from __future__ import annotations

TYPE_CHECKING = (
    False  # type checkers read it as true; importing typing for it would double the cost of `import handful`
)

if TYPE_CHECKING:
    from handful.base.errors import HandfulError as HandfulError
    from handful.base.notes import Note as Note
    from handful.counts.count import count as count
    from handful.question.select import select as select
    from handful.review import Review as Review
    from handful.review import open_review as open_review
    from handful.site.publish import publish as publish
    from handful.stats.evidence import estimates as estimates
    from handful.stats.evidence import one_arm as one_arm
    from handful.stats.evidence import one_arm_rates as one_arm_rates
    from handful.stats.evidence import two_arm_rates as two_arm_rates
    from handful.stats.evidence import two_arms as two_arms
    from handful.stats.pool_many import pool_many as pool_many
    from handful.stats.priors import Beta as Beta
    from handful.stats.priors import HalfCauchy as HalfCauchy
    from handful.stats.priors import HalfNormal as HalfNormal
    from handful.stats.priors import HalfT as HalfT
    from handful.stats.priors import LogNormal as LogNormal
    from handful.stats.priors import Normal as Normal
    from handful.stats.priors import Uniform as Uniform
    from handful.stats.priors import rate_between as rate_between
    from handful.stats.proportion import proportion as proportion
    from handful.stats.rates import rate as rate
    from handful.stats.results import Fit as Fit
    from handful.stats.results import Interval as Interval
    from handful.stats.results import NotEstimable as NotEstimable
    from handful.stats.two_by_two import TwoGroups as TwoGroups
    from handful.stats.two_by_two import two_groups as two_groups
    from handful.synthesis.pool import pool as pool
    from handful.synthesis.regress import regress as regress
    from handful.synthesis.subgroups import subgroups as subgroups
    from handful.synthesis.synthesise import synthesise as synthesise
    from handful.synthesis.trace import trace as trace

__version__ = "0.1.0"

#: public name -> the module that holds it
_HOMES = {
    # numbers alone
    "proportion": "handful.stats.proportion",
    "rate": "handful.stats.rates",
    "two_groups": "handful.stats.two_by_two",
    "TwoGroups": "handful.stats.two_by_two",
    "estimates": "handful.stats.evidence",
    "one_arm": "handful.stats.evidence",
    "one_arm_rates": "handful.stats.evidence",
    "two_arms": "handful.stats.evidence",
    "two_arm_rates": "handful.stats.evidence",
    "pool": "handful.synthesis.pool",
    "pool_many": "handful.stats.pool_many",
    "regress": "handful.synthesis.regress",
    "subgroups": "handful.synthesis.subgroups",
    "Interval": "handful.stats.results",
    "NotEstimable": "handful.stats.results",
    "Fit": "handful.stats.results",
    "Note": "handful.base.notes",
    # priors
    "Normal": "handful.stats.priors",
    "HalfNormal": "handful.stats.priors",
    "HalfCauchy": "handful.stats.priors",
    "HalfT": "handful.stats.priors",
    "Uniform": "handful.stats.priors",
    "LogNormal": "handful.stats.priors",
    "Beta": "handful.stats.priors",
    "rate_between": "handful.stats.priors",
    # a review
    "open_review": "handful.review",
    "Review": "handful.review",
    "select": "handful.question.select",
    "count": "handful.counts.count",
    "synthesise": "handful.synthesis.synthesise",
    "trace": "handful.synthesis.trace",
    "publish": "handful.site.publish",
    "HandfulError": "handful.base.errors",
}

__all__ = ["__version__", *_HOMES]


if not TYPE_CHECKING:  # so that a type checker refuses a name that is not in the list above

    def __getattr__(name):
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module 'handful' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
