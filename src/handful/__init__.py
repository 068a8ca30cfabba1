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
    from handful import figures as figures
    from handful.base.errors import HandfulError as HandfulError
    from handful.base.notes import Note as Note
    from handful.certainty.grade import grade as grade
    from handful.certainty.imprecision import imprecision as imprecision
    from handful.certainty.risk_of_bias import risk_of_bias as risk_of_bias
    from handful.certainty.robvis import read_robvis as read_robvis
    from handful.certainty.robvis import write_robvis as write_robvis
    from handful.counts.count import count as count
    from handful.living.diff import diff as diff
    from handful.position.placing import place as place
    from handful.printed.granularity import grim as grim
    from handful.printed.granularity import people_that_fit as people_that_fit
    from handful.printed.granularity import percentage_fits as percentage_fits
    from handful.printed.intervals import interval_fits as interval_fits
    from handful.printed.p_values import p_value_fits as p_value_fits
    from handful.printed.p_values import p_value_fits_counts as p_value_fits_counts
    from handful.printed.spread import grimmer as grimmer
    from handful.printed.spread import sd_possible as sd_possible
    from handful.question.select import select as select
    from handful.review import Review as Review
    from handful.review import open_review as open_review
    from handful.site.publish import publish as publish
    from handful.stats import conversions as conversions
    from handful.stats.agreement.kappa import kappa as kappa
    from handful.stats.bayes.better import probability_better as probability_better
    from handful.stats.bayes.priors import Beta as Beta
    from handful.stats.bayes.priors import HalfCauchy as HalfCauchy
    from handful.stats.bayes.priors import HalfNormal as HalfNormal
    from handful.stats.bayes.priors import HalfT as HalfT
    from handful.stats.bayes.priors import LogNormal as LogNormal
    from handful.stats.bayes.priors import Normal as Normal
    from handful.stats.bayes.priors import Uniform as Uniform
    from handful.stats.bayes.priors import rate_between as rate_between
    from handful.stats.effects.effect_sizes import EffectSizes as EffectSizes
    from handful.stats.effects.effect_sizes import effect_sizes as effect_sizes
    from handful.stats.estimates.pool_many import pool_many as pool_many
    from handful.stats.evidence import estimates as estimates
    from handful.stats.evidence import one_arm as one_arm
    from handful.stats.evidence import one_arm_rates as one_arm_rates
    from handful.stats.evidence import one_mean as one_mean
    from handful.stats.evidence import two_arm_rates as two_arm_rates
    from handful.stats.evidence import two_arms as two_arms
    from handful.stats.evidence import two_means as two_means
    from handful.stats.evidence_paired import correlations as correlations
    from handful.stats.evidence_paired import pre_post as pre_post
    from handful.stats.one_group.proportion import proportion as proportion
    from handful.stats.one_group.rates import rate as rate
    from handful.stats.patients.missing import missing_people as missing_people
    from handful.stats.patients.missing_two_arms import missing_people_two_arms as missing_people_two_arms
    from handful.stats.patients.one_stage import one_stage as one_stage
    from handful.stats.patients.one_stage_result import OneStage as OneStage
    from handful.stats.patients.survival import time_to_event as time_to_event
    from handful.stats.patients.survival_result import TimeToEvent as TimeToEvent
    from handful.stats.reports.disproportionality import reporting_signal as reporting_signal
    from handful.stats.results import Fit as Fit
    from handful.stats.results import Interval as Interval
    from handful.stats.results import NotEstimable as NotEstimable
    from handful.stats.two_groups.information_size import optimal_information_size as optimal_information_size
    from handful.stats.two_groups.two_by_two import TwoGroups as TwoGroups
    from handful.stats.two_groups.two_by_two import two_groups as two_groups
    from handful.stats.two_groups.two_rates import TwoRates as TwoRates
    from handful.stats.two_groups.two_rates import two_rates as two_rates
    from handful.synthesis.borrow import borrow as borrow
    from handful.synthesis.cluster_robust import robust as robust
    from handful.synthesis.combine import combine as combine
    from handful.synthesis.cumulate import cumulate as cumulate
    from handful.synthesis.influence import gosh as gosh
    from handful.synthesis.influence import influence as influence
    from handful.synthesis.leave_one_out import leave_one_out as leave_one_out
    from handful.synthesis.multilevel import multilevel as multilevel
    from handful.synthesis.pool import pool as pool
    from handful.synthesis.posteriors_many import posteriors_many as posteriors_many
    from handful.synthesis.prior_sensitivity import bayes_factor as bayes_factor
    from handful.synthesis.prior_sensitivity import prior_sensitivity as prior_sensitivity
    from handful.synthesis.regress import regress as regress
    from handful.synthesis.selection_model import excess_significance as excess_significance
    from handful.synthesis.selection_model import fail_safe as fail_safe
    from handful.synthesis.selection_model import henmi_copas as henmi_copas
    from handful.synthesis.selection_model import selection_model as selection_model
    from handful.synthesis.sensitivity import sensitivity as sensitivity
    from handful.synthesis.small_study import small_study as small_study
    from handful.synthesis.subgroups import subgroups as subgroups
    from handful.synthesis.synthesise import synthesise as synthesise
    from handful.synthesis.trace import trace as trace
    from handful.synthesis.trim_and_fill import trim_and_fill as trim_and_fill
    from handful.words.claims import check_words as check_words
    from handful.words.headline import headline as headline
    from handful.words.result_sentence import sentence as sentence

__version__ = "0.1.0"

#: public name -> the module that holds it
_HOMES = {
    # numbers alone
    "proportion": "handful.stats.one_group.proportion",
    "rate": "handful.stats.one_group.rates",
    "two_groups": "handful.stats.two_groups.two_by_two",
    "TwoGroups": "handful.stats.two_groups.two_by_two",
    "two_rates": "handful.stats.two_groups.two_rates",
    "TwoRates": "handful.stats.two_groups.two_rates",
    "estimates": "handful.stats.evidence",
    "one_arm": "handful.stats.evidence",
    "one_arm_rates": "handful.stats.evidence",
    "two_arms": "handful.stats.evidence",
    "two_arm_rates": "handful.stats.evidence",
    "two_means": "handful.stats.evidence",
    "one_mean": "handful.stats.evidence",
    "correlations": "handful.stats.evidence_paired",
    "pre_post": "handful.stats.evidence_paired",
    "effect_sizes": "handful.stats.effects.effect_sizes",
    "EffectSizes": "handful.stats.effects.effect_sizes",
    "missing_people": "handful.stats.patients.missing",
    "missing_people_two_arms": "handful.stats.patients.missing_two_arms",
    "one_stage": "handful.stats.patients.one_stage",
    "OneStage": "handful.stats.patients.one_stage_result",
    "time_to_event": "handful.stats.patients.survival",
    "TimeToEvent": "handful.stats.patients.survival_result",
    "pool": "handful.synthesis.pool",
    "combine": "handful.synthesis.combine",
    "borrow": "handful.synthesis.borrow",
    "probability_better": "handful.stats.bayes.better",
    "bayes_factor": "handful.synthesis.prior_sensitivity",
    "prior_sensitivity": "handful.synthesis.prior_sensitivity",
    "pool_many": "handful.stats.estimates.pool_many",
    "posteriors_many": "handful.synthesis.posteriors_many",
    "regress": "handful.synthesis.regress",
    "subgroups": "handful.synthesis.subgroups",
    "multilevel": "handful.synthesis.multilevel",
    "robust": "handful.synthesis.cluster_robust",
    "leave_one_out": "handful.synthesis.leave_one_out",
    "cumulate": "handful.synthesis.cumulate",
    "influence": "handful.synthesis.influence",
    "gosh": "handful.synthesis.influence",
    "small_study": "handful.synthesis.small_study",
    "trim_and_fill": "handful.synthesis.trim_and_fill",
    "selection_model": "handful.synthesis.selection_model",
    "fail_safe": "handful.synthesis.selection_model",
    "excess_significance": "handful.synthesis.selection_model",
    "henmi_copas": "handful.synthesis.selection_model",
    "Interval": "handful.stats.results",
    "NotEstimable": "handful.stats.results",
    "Fit": "handful.stats.results",
    "Note": "handful.base.notes",
    # one paper's arithmetic
    "grim": "handful.printed.granularity",
    "grimmer": "handful.printed.spread",
    "interval_fits": "handful.printed.intervals",
    "p_value_fits": "handful.printed.p_values",
    "p_value_fits_counts": "handful.printed.p_values",
    "people_that_fit": "handful.printed.granularity",
    "percentage_fits": "handful.printed.granularity",
    "sd_possible": "handful.printed.spread",
    # priors
    "Normal": "handful.stats.bayes.priors",
    "HalfNormal": "handful.stats.bayes.priors",
    "HalfCauchy": "handful.stats.bayes.priors",
    "HalfT": "handful.stats.bayes.priors",
    "Uniform": "handful.stats.bayes.priors",
    "LogNormal": "handful.stats.bayes.priors",
    "Beta": "handful.stats.bayes.priors",
    "rate_between": "handful.stats.bayes.priors",
    # words
    "sentence": "handful.words.result_sentence",
    "check_words": "handful.words.claims",
    "headline": "handful.words.headline",
    # a review
    "reporting_signal": "handful.stats.reports.disproportionality",
    "open_review": "handful.review",
    "Review": "handful.review",
    "select": "handful.question.select",
    "count": "handful.counts.count",
    "synthesise": "handful.synthesis.synthesise",
    "imprecision": "handful.certainty.imprecision",
    "risk_of_bias": "handful.certainty.risk_of_bias",
    "read_robvis": "handful.certainty.robvis",
    "write_robvis": "handful.certainty.robvis",
    "kappa": "handful.stats.agreement.kappa",
    "optimal_information_size": "handful.stats.two_groups.information_size",
    "grade": "handful.certainty.grade",
    "place": "handful.position.placing",
    "sensitivity": "handful.synthesis.sensitivity",
    "trace": "handful.synthesis.trace",
    "diff": "handful.living.diff",
    "publish": "handful.site.publish",
    "HandfulError": "handful.base.errors",
}

#: public name -> the module it is
_MODULES = {
    "conversions": "handful.stats.conversions",
    "figures": "handful.figures",
}

__all__ = ["__version__", *_HOMES, *_MODULES]


if not TYPE_CHECKING:  # so that a type checker refuses a name that is not in the list above

    def __getattr__(name):
        home = _HOMES.get(name) or _MODULES.get(name)
        if home is None:
            raise AttributeError(f"module 'handful' has no attribute {name!r}")
        from importlib import import_module

        module = import_module(home)
        value = module if name in _MODULES else getattr(module, name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
