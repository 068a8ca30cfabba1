"""Spontaneous reports: whether a drug and an event are reported together more than apart. Reports, not rates."""
