"""What other people tell about the ones asked about: mixtures, predictive priors, effective sample size."""
