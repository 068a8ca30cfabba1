"""How sure one can be: risk of bias of studies, GRADE's domains, and the level that each answer is left with."""
