"""Looking closer at a pooled result: influence, small-study effects, selection, fail-safe numbers."""
