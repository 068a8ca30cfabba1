"""What a printed number can stand for: the counts behind a percentage, the sums behind a mean, the p of a statistic."""
