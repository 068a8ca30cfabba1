"""What becomes of people without a result: left out, counted with or without the outcome, or by an odds ratio.

A count keeps what was reported; what was assumed of whom stands beside it in ``Unaccounted`` and is said on the page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from handful.counts.rows import Adjusted, Total, Traced, Unaccounted
from handful.question.plan import InformativeMissing, MissingRule


@dataclass(frozen=True)
class Accounted:
    """The count after the rule: people with the outcome, of whom, and what was assumed of how many."""

    events: Traced | None
    total: Total | None
    unaccounted: Unaccounted | None
    adjusted: Adjusted | None = None


def account(
    events: Traced | None, reported: Total | None, with_result: Total | None, whole: Total | None, rule: MissingRule
) -> Accounted:
    """The count under a rule for the missing.

    ``reported`` is the number of people the plan takes for the count as it stands; ``with_result`` the number with a
    result and ``whole`` the number who should have had one, where the records give them.
    """
    seen = with_result or reported
    missing = whole.value - seen.value if whole is not None and seen is not None else 0
    if missing <= 0 or whole is None or seen is None:
        return Accounted(events, reported, None)
    told = Unaccounted(missing, rule, seen, whole)
    if rule == "as-reported" or events is None or events.value > seen.value:
        # a count that exceeds the people with a result already holds an assumption of the paper's
        return Accounted(events, reported, replace(told, rule="as-reported"))
    if rule == "excluded":
        return Accounted(events, replace(seen, kind_words=told.words), told)
    if isinstance(rule, InformativeMissing):
        seen = replace(seen, kind_words=told.words)
        return Accounted(events, seen, told, Adjusted(events.value, seen.value, missing, rule.odds_ratio))
    value = events.value + (missing if rule == "responders" else 0)
    return Accounted(replace(events, value=value), replace(whole, kind_words=told.words), told)


__all__ = ["Accounted", "account"]
