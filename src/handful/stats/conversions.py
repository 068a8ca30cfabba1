"""From what papers report to what can be pooled: every conversion in one place.

==========================  =======================================================================
you have                    call
==========================  =======================================================================
an interval                 ``from_interval``; another level: ``change_level``
an estimate and its p       ``from_p``
t, F, or p of a t test      ``from_t``, ``from_f``, ``from_t_test_p``; paired: ``from_paired_t``
χ², a correlation           ``from_chi2``, ``from_correlation``, ``correlation_from_t``
a median with quartiles     ``mean_sd_from_quantiles``
no standard deviation       ``sd_from_se``, ``sd_from_interval``, ``sd_from_difference``
two measurements            ``correlation_from_change``, ``sd_of_change``
two groups that are one     ``combine_groups``
another measure             ``smd_from_odds_ratio``, ``odds_ratio_from_smd``, ``smd_from_correlation``,
                            ``correlation_from_smd``, ``risk_ratio_from_odds_ratio``, ``odds_ratio_from_risk_ratio``
==========================  =======================================================================

All take numbers or arrays that broadcast, name every bad value at once, and give full precision. Estimates come with
standard errors on the model scale (logarithm for ratios) as ``Converted``, whose ``.estimates()`` go into ``hf.pool``.

>>> from_interval(0.70, 0.94, estimate=0.81, measure="RR").se.__round__(4)
0.0752
"""

from __future__ import annotations

from handful.stats.converting.converted import Converted
from handful.stats.converting.interval_conversions import change_level, from_interval, from_p
from handful.stats.converting.measure_conversions import (
    correlation_from_smd,
    odds_ratio_from_risk_ratio,
    odds_ratio_from_smd,
    risk_ratio_from_odds_ratio,
    smd_from_correlation,
    smd_from_odds_ratio,
)
from handful.stats.converting.quantile_conversions import MeanSd, mean_sd_from_quantiles
from handful.stats.converting.spread_conversions import (
    Group,
    combine_groups,
    correlation_from_change,
    sd_from_difference,
    sd_from_interval,
    sd_from_se,
    sd_of_change,
)
from handful.stats.converting.statistic_conversions import (
    correlation_from_t,
    from_chi2,
    from_correlation,
    from_f,
    from_paired_t,
    from_t,
    from_t_test_p,
)

__all__ = [
    "Converted",
    "Group",
    "MeanSd",
    "change_level",
    "combine_groups",
    "correlation_from_change",
    "correlation_from_smd",
    "correlation_from_t",
    "from_chi2",
    "from_correlation",
    "from_f",
    "from_interval",
    "from_p",
    "from_paired_t",
    "from_t",
    "from_t_test_p",
    "mean_sd_from_quantiles",
    "odds_ratio_from_risk_ratio",
    "odds_ratio_from_smd",
    "risk_ratio_from_odds_ratio",
    "sd_from_difference",
    "sd_from_interval",
    "sd_from_se",
    "sd_of_change",
    "smd_from_correlation",
    "smd_from_odds_ratio",
]
