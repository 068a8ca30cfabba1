"""From what papers report to what can be pooled: one kind of report in each file."""
