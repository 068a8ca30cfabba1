"""Small tables that the tests of this folder draw."""

from __future__ import annotations

import handful as hf

#: vaccinated and control, tuberculosis cases of people; Colditz et al. 1994, 10.1001/jama.1994.03510330076038
BCG = (
    ("Aronson 1948", 4, 123, 11, 139),
    ("Ferguson & Simes 1949", 6, 306, 29, 303),
    ("Rosenthal 1960", 3, 231, 11, 220),
    ("Hart & Sutherland 1977", 62, 13598, 248, 12867),
    ("Frimodt-Moller 1973", 33, 5069, 47, 5808),
    ("Stein & Aronson 1953", 180, 1541, 372, 1451),
    ("Vandiviere 1973", 8, 2545, 10, 629),
    ("TPT Madras 1980", 505, 88391, 499, 88391),
    ("Coetzee & Berjak 1968", 29, 7499, 45, 7277),
    ("Rosenthal 1961", 17, 1716, 65, 1665),
    ("Comstock 1974", 186, 50634, 141, 27338),
    ("Comstock & Webster 1969", 5, 2498, 3, 2341),
    ("Comstock 1976", 27, 16913, 29, 17854),
)
LATITUDE = (44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33)


def bcg() -> object:
    labels, *columns = zip(*BCG, strict=True)
    return hf.two_arms(*columns, labels=labels)


def pooled(model: str = "random-effects", measure: str = "RR", **options: object) -> hf.Fit:
    fit = hf.pool(bcg(), model=model, measure=measure, **options)  # type: ignore[arg-type]
    assert isinstance(fit, hf.Fit)
    return fit


def series() -> hf.Fit:
    fit = hf.pool(hf.one_arm([1, 0, 3, 2, 0], [4, 7, 9, 5, 3], labels=["A", "B", "C", "D", "E"]))
    assert isinstance(fit, hf.Fit)
    return fit
