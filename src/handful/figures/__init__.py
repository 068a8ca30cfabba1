"""Drawings of results: matplotlib axes to go on with.

=======================  ==================================================================================
``forest``               studies with their intervals, the pooled result, where a next study may lie
``funnel``               effects against their standard errors; contours of significance, filled-in studies
``radial``               Galbraith's plot: slopes are effects
``baujat``               which study drives the heterogeneity, which the result
``labbe``                the rates of two groups against each other
``drapery``              p value curves of all studies and of the pooled effect
``bubble``               effects against a moderator, with the regression
``gosh``                 the pooled effect and I² of every subset of the studies
``next_people``          what would change a line of therapy: every count among the next people
``prior_sensitivity``    the answer against the scale of its prior
``traffic_light``        risk of bias: a light for each study and domain
``bias_summary``         risk of bias: how much stands at each level
``thresholds``           how many people of patient rows reach the bar, at every height of it
``waterfall``            everybody's change from the start
``swimmer``              everybody's visits
``specification_curve``  every defensible analysis, and the choices of each
=======================  ==================================================================================

Each returns a matplotlib ``Axes``: a new one on a figure of its own, or the ``ax=`` it was given; pyplot and its
global state are never touched. ``axes.figure`` shows itself in a notebook, and ``axes.figure.savefig("forest.svg")``
writes the same bytes for the same numbers, with letters that stay letters; ``save`` does so for axes of a figure of
your own. matplotlib (``handful[plot]``) is loaded when the first figure is drawn.

>>> import handful as hf
>>> fit = hf.pool(hf.one_arm([3, 5, 1, 7, 2], [10, 12, 9, 11, 8]))
>>> axes = hf.figures.forest(fit)
>>> axes.get_xlabel()
'proportion'
"""

from __future__ import annotations

from handful.figures.baujat import baujat
from handful.figures.bubble import bubble
from handful.figures.drapery import drapery
from handful.figures.forest import forest
from handful.figures.funnel import funnel
from handful.figures.gosh import gosh
from handful.figures.labbe import labbe
from handful.figures.next_people import next_people
from handful.figures.patients import swimmer, thresholds, waterfall
from handful.figures.prior_sensitivity import prior_sensitivity
from handful.figures.radial import radial
from handful.figures.risk_of_bias import bias_summary, traffic_light
from handful.figures.specification_curve import specification_curve
from handful.figures.theme import save

__all__ = [
    "baujat",
    "bias_summary",
    "bubble",
    "drapery",
    "forest",
    "funnel",
    "gosh",
    "labbe",
    "next_people",
    "prior_sensitivity",
    "radial",
    "save",
    "specification_curve",
    "swimmer",
    "thresholds",
    "traffic_light",
    "waterfall",
]
