"""Scales: what they measure, in which direction, and who says so."""
