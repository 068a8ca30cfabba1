"""The effect measures by their codes: what each is, what it needs, the names of its variances, the way back.

One table, read by ``effect_sizes`` and by whatever shows a result on its natural scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from handful.base.errors import UnknownChoice

Scale: TypeAlias = Literal["identity", "log", "logit", "atanh", "other"]


@dataclass(frozen=True)
class Measure:
    """One effect measure.

    ``evidence``: the name of the kind of evidence it is computed from. ``scale``: how y is made of the natural effect
    ("log" of a ratio, "atanh" of a correlation, "logit" of a proportion; "other" has no simple way back).
    ``null``: y where there is no effect (None for one group, where nothing is "no effect").
    ``variances``: names for ``vtype=``, the default first. ``correct``: is bias taken out unless asked otherwise
    (None: there is nothing to correct).
    """

    code: str
    words: str
    evidence: str
    scale: Scale
    null: float | None = 0.0
    variances: tuple[str, ...] = ("LS",)
    correct: bool | None = None

    def natural(self, y: Any) -> Any:
        """From the model scale to the natural one: exp for a log ratio, tanh for Fisher's z, and so on.

        >>> round(float(measure("OR").natural(0.6931)), 3)
        2.0
        """
        if self.scale == "log":
            return np.exp(y)
        if self.scale == "atanh":
            return np.tanh(y)
        if self.scale == "logit":
            from handful.stats.count_models.curves import expit

            return expit(y)
        return y


def measure(code: str) -> Measure:
    """The measure of this code; ``UnknownChoice`` with the near ones if there is none."""
    if not isinstance(code, str) or code not in MEASURES:
        raise UnknownChoice("measure", code, tuple(MEASURES))
    return MEASURES[code]


def measures_for(evidence: str) -> tuple[str, ...]:
    """The codes that can be computed from one kind of evidence, the usual ones first."""
    return tuple(m.code for m in MEASURES.values() if m.evidence == evidence)


_ALL = (
    # two groups, events of people
    Measure("OR", "odds ratio", "TwoArms", "log"),
    Measure("RR", "risk ratio", "TwoArms", "log", variances=("LS", "AV")),
    Measure("RD", "risk difference", "TwoArms", "identity", variances=("LS", "UB", "AV")),
    Measure("AS", "difference of arcsine square roots of risks", "TwoArms", "other"),
    Measure("PETO", "odds ratio, Peto's one step", "TwoArms", "log"),
    Measure("PHI", "phi coefficient", "TwoArms", "identity", variances=("LS", "CS")),
    Measure("ZPHI", "phi coefficient on Fisher's z", "TwoArms", "atanh"),
    Measure("YUQ", "Yule's Q", "TwoArms", "identity"),
    Measure("YUY", "Yule's Y", "TwoArms", "identity"),
    Measure("RTET", "tetrachoric correlation", "TwoArms", "identity"),
    Measure("PBIT", "difference of probits", "TwoArms", "other"),
    Measure(
        "OR2DL", "standardised difference, from the odds ratio by the logistic distribution", "TwoArms", "identity"
    ),
    Measure("OR2DN", "standardised difference, from the odds ratio over 1.65", "TwoArms", "identity"),
    # two groups, events in person-time
    Measure("IRR", "rate ratio", "TwoArmRates", "log"),
    Measure("IRD", "rate difference", "TwoArmRates", "identity"),
    Measure("IRSD", "difference of square roots of rates", "TwoArmRates", "other"),
    # two groups, means
    Measure("MD", "mean difference", "TwoMeans", "identity", variances=("LS", "HO")),
    Measure(
        "SMD", "standardised mean difference", "TwoMeans", "identity", variances=("LS", "LS2", "UB", "AV"), correct=True
    ),
    Measure(
        "SMDH",
        "standardised mean difference, variances not equal",
        "TwoMeans",
        "identity",
        variances=("LS", "LS2"),
        correct=True,
    ),
    Measure("SMD1", "mean difference over the second group's standard deviation", "TwoMeans", "identity", correct=True),
    Measure("SMD1H", "the same, variances not equal", "TwoMeans", "identity", correct=True),
    Measure("ROM", "ratio of means", "TwoMeans", "log", variances=("LS", "HO", "AV", "AVHO"), correct=False),
    Measure("CVR", "ratio of coefficients of variation", "TwoMeans", "log", correct=True),
    Measure("VR", "ratio of standard deviations", "TwoMeans", "log", correct=True),
    Measure("RPB", "point-biserial correlation", "TwoMeans", "identity", variances=("ST",)),
    Measure("D2ORL", "odds ratio, from the standardised difference by the logistic distribution", "TwoMeans", "log"),
    Measure("D2ORN", "odds ratio, from 1.65 times the standardised difference", "TwoMeans", "log"),
    # correlations
    Measure("ZCOR", "correlation on Fisher's z", "Correlations", "atanh", variances=("LS", "AV")),
    Measure("COR", "correlation", "Correlations", "identity", variances=("LS", "AV")),
    Measure("UCOR", "correlation, unbiased", "Correlations", "identity", variances=("LS", "UB")),
    # one group, events of people
    Measure("PLO", "proportion on the logit", "OneArm", "logit", null=None),
    Measure("PR", "proportion", "OneArm", "identity", null=None, variances=("LS", "UB", "AV")),
    Measure("PLN", "proportion on the logarithm", "OneArm", "log", null=None),
    Measure("PRZ", "proportion on the probit", "OneArm", "other", null=None),
    Measure("PAS", "proportion on the arcsine", "OneArm", "other", null=None),
    Measure("PFT", "proportion on Freeman and Tukey's double arcsine", "OneArm", "other", null=None),
    # one group, events in person-time
    Measure("IRLN", "rate on the logarithm", "OneArmRates", "log", null=None),
    Measure("IR", "rate", "OneArmRates", "identity", null=None),
    Measure("IRS", "rate on the square root", "OneArmRates", "other", null=None),
    Measure("IRFT", "rate on Freeman and Tukey's double square root", "OneArmRates", "other", null=None),
    # one group, mean
    Measure("MN", "mean", "OneMean", "identity", null=None),
    Measure("MNLN", "mean on the logarithm", "OneMean", "log", null=None),
    Measure("SMN", "mean over standard deviation", "OneMean", "identity", correct=True),
    Measure("SDLN", "standard deviation on the logarithm", "OneMean", "log", null=None, correct=True),
    Measure("CVLN", "coefficient of variation on the logarithm", "OneMean", "log", null=None, correct=True),
    # one group, measured twice
    Measure("MC", "mean change", "PrePost", "identity"),
    Measure("SMCC", "mean change over the standard deviation of changes", "PrePost", "identity", correct=True),
    Measure("SMCR", "mean change over one measurement's standard deviation", "PrePost", "identity", correct=True),
    Measure("SMCRH", "the same, variances not equal", "PrePost", "identity", correct=True),
    Measure("SMCRP", "mean change over the average standard deviation", "PrePost", "identity", correct=True),
    Measure("SMCRPH", "the same, variances not equal", "PrePost", "identity", correct=True),
    Measure("ROMC", "ratio of means, within people", "PrePost", "log", correct=False),
    Measure("CVRC", "ratio of coefficients of variation, within people", "PrePost", "log", correct=True),
    Measure("VRC", "ratio of standard deviations, within people", "PrePost", "log"),
)

#: code -> measure, in the order in which they are offered
MEASURES: dict[str, Measure] = {m.code: m for m in _ALL}
