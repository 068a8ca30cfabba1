"""What every prior distribution can do, and the checks they share."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from handful.base.errors import InputError
from handful.stats.bayes.axes import axes_for
from handful.stats.checked import choice

if TYPE_CHECKING:
    FloatArray: TypeAlias = npt.NDArray[np.float64]

LOG_2PI = math.log(2 * math.pi)


class Prior(ABC):
    """What every prior can do. Values in, values out; arrays are taken element by element.

    ``even`` says that the density, continued to negative arguments by symmetry, is smooth at 0; ``tail_power`` is a
    when the density falls like x^-a, infinity when it falls faster than any power; ``edges`` are points where it
    jumps.
    """

    even: ClassVar[bool] = False

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Where the density is positive."""

    @property
    def tail_power(self) -> float:
        return math.inf

    @property
    def edges(self) -> tuple[float, ...]:
        return ()

    @property
    def proper(self) -> bool:
        """False when the density does not integrate to 1 (only ``Uniform(0, inf)``)."""
        return True

    @abstractmethod
    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        """Natural logarithm of the density; −inf outside the support."""

    @abstractmethod
    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Probability of at most x."""

    @abstractmethod
    def quantile(self, q: npt.ArrayLike) -> FloatArray:
        """The value below which a share q of the probability lies."""

    def density(self, x: npt.ArrayLike) -> FloatArray:
        """Density at x."""
        return np.asarray(np.exp(self.log_density(x)), dtype=float)

    def draw(self, ax: Any = None) -> Any:
        """Draw the density and return the matplotlib axes (needs ``handful[plot]``)."""
        axes = axes_for(ax)
        low, high = (float(v) for v in self.quantile([0.0005, 0.995]))
        bottom = self.support[0]
        grid = np.linspace(bottom if math.isfinite(bottom) else low, high, 400)
        axes.plot(grid, self.density(grid))
        axes.set_ylabel("density")
        axes.set_title(str(self))
        return axes


def named_priors(given: Any, parts: tuple[str, ...] = ("mean", "tau")) -> dict[str, Any]:
    """``priors=`` as a dictionary of known names."""
    if given is None:
        return {}
    example = 'priors={"mean": hf.Normal(0, 2), "tau": hf.HalfNormal(0.5)}'
    if not isinstance(given, Mapping):
        raise InputError(f"priors={given!r} ({type(given).__name__}) names no part", hint=f"such as {example}")
    for name in given:
        choice("priors", name, parts)
    return dict(given)


def must_be_positive(kind: str, name: str, value: float) -> None:
    """Refuse a parameter that is not a positive number."""
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not (number and value > 0 and math.isfinite(value)):
        raise InputError(f"{kind}: {name} is {value!r}", hint=f"{name} must be a positive number")


def must_be_finite(kind: str, name: str, value: float) -> None:
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not (number and math.isfinite(value)):
        raise InputError(f"{kind}: {name} is {value!r}", hint=f"{name} must be a finite number")
