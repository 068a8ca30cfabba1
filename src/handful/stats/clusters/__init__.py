"""Estimates that depend on each other: multilevel, multivariate, cluster-robust."""
