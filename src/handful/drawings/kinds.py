"""What can be drawn of a question; the names, without loading what draws."""

from __future__ import annotations

KINDS = {
    "forest": "each study's count with its interval, group by group; a pooled rate only where the page states one",
    "icons": "one icon a person, of each group; up to 100 people",
    "posterior": "which true rates fit the counts of each group",
    "alternatives": "the counts of the other treatments, each with its own definition; not a comparison",
    "harms": "the counts of harms",
    "sensitivity": "the answer under every other defensible choice",
    "prior-sensitivity": "the pooled rate against the scale of the prior of the spread between studies",
    "funnel": "rates against their standard errors; three studies or more",
    "risk-of-bias": "a light for each study and domain",
    "bias-summary": "risk of bias: how many studies stand at each level",
    "flow": "sources, studies, what was left out and why, who was counted",
    "ladder": "the lines of therapy and where the rule puts the treatment",
    "timeline": "the evidence by year of publication, and people counted until then",
    "thresholds": "how many people of patient rows reach the bar, at every height of it",
    "waterfall": "everybody's change from the start",
    "swimmer": "everybody's visits",
}
