"""What the influence diagnostics return: one entry a study in each column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handful.stats.fit_text import Rows, rows_as_html

_COLUMNS = (
    "rstudent",
    "dffits",
    "cook",
    "covariance_ratio",
    "tau2_deleted",
    "q_deleted",
    "hat",
    "weight",
    "influential",
)


@dataclass(frozen=True, eq=False)
class Influence:
    """One entry a study in each column (formulas in ``influence.py``); ``weight`` in percent.

    ``influential`` marks the studies beyond any of the usual cut-offs: a reason to look at a study, never by itself a
    reason to leave it out. ``estimate_deleted`` are the coefficients without the study.
    """

    labels: tuple[str, ...]
    residual: tuple[float, ...]
    rstandard: tuple[float, ...]
    rstudent: tuple[float, ...]
    dffits: tuple[float, ...]
    cook: tuple[float, ...]
    covariance_ratio: tuple[float, ...]
    tau2_deleted: tuple[float, ...]
    q_deleted: tuple[float, ...]
    hat: tuple[float, ...]
    weight: tuple[float, ...]
    dfbetas: Mapping[str, tuple[float, ...]]
    influential: tuple[bool, ...]
    baujat_x: tuple[float, ...]
    baujat_y: tuple[float, ...]
    estimate_deleted: tuple[tuple[float, ...], ...]

    @property
    def flags(self) -> tuple[str, ...]:
        """Labels of the studies beyond a cut-off."""
        return tuple(label for label, flag in zip(self.labels, self.influential, strict=True) if flag)

    def rows(self) -> Rows:
        """One row a study."""
        out = Rows()
        for i, label in enumerate(self.labels):
            row: dict[str, Any] = {"label": label}
            for name in _COLUMNS:
                row[name] = getattr(self, name)[i]
            row.update({f"dfbetas {name}": values[i] for name, values in self.dfbetas.items()})
            out.append(row)
        return out

    def to_dict(self) -> dict[str, Any]:
        """Every column as a list."""
        out: dict[str, Any] = {
            name: list(getattr(self, name)) for name in self.__dataclass_fields__ if name != "dfbetas"
        }
        out["dfbetas"] = {name: list(values) for name, values in self.dfbetas.items()}
        return out

    def to_frame(self) -> Any:
        """A pandas DataFrame where pandas is installed, else ``rows``."""
        try:
            import pandas
        except ImportError:
            return self.rows()
        return pandas.DataFrame(list(self.rows()))

    def __str__(self) -> str:
        flagged = ", ".join(self.flags) or "none"
        return f"{self.rows()}\nbeyond a cut-off: {flagged}"

    def _repr_html_(self) -> str:
        flagged = ", ".join(self.flags) or "none"
        return rows_as_html("influence of each study", self.rows(), f"beyond a cut-off: {flagged}")
