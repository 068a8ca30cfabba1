"""One group: x of n people, or events in person-time; intervals, and the scales a rate may be pooled on."""
