"""Counts and a plan → an answer, or the reason why there is none."""
