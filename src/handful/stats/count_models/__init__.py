"""Counts of one arm with a normal (or beta) effect between studies, by maximum likelihood."""
