"""Two arms pooled from their counts: conditional, unconditional, Mantel-Haenszel, Peto, penalised."""
