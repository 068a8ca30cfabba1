"""Normal, t, chi-squared and F: tails and quantiles of single numbers, by plain mathematics and without scipy.

Loading ``scipy.special`` costs more than a whole meta-analysis; for the few quantiles of one fit these do. They are the
only ones used for single numbers, so that a result does not depend on what else was loaded; columns go to scipy.
"""
