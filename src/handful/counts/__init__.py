"""Counts of people, each with the trace to where it was read."""
