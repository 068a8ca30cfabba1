"""Estimates with sampling variances: between-study variance, pooling, regression, many sets at once."""
