"""Effect sizes and their sampling variances, from counts, times, means and correlations."""
