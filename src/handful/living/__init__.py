"""What changed between two states of a review, which record did it, and every earlier answer."""
