"""Designs as sentences need them."""

from __future__ import annotations

COMPARED = frozenset({"randomised", "non-randomised", "pooled-trials"})
"""Designs that had a comparison group."""
