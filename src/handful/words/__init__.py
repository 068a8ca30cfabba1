"""Sentences made from results: every sentence that a reader meets and that holds a number is made here."""
