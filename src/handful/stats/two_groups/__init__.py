"""Two groups: differences and ratios with their limits, exact tests, the posterior of the difference."""
