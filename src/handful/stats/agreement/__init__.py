"""How far two people who judged the same things agree."""
