"""Likelihood curves, priors, and posteriors by quadrature."""
