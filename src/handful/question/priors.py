"""Priors as people type them in a plan."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator

from handful.base.typed import Map, Number, Typed

Prior: TypeAlias = Literal["default"] | Map[str, tuple[Number, ...]]


def _numbers(value: Any) -> Any:
    """``{half-normal: 1.0}`` is ``{half-normal: [1.0]}``."""
    if isinstance(value, dict):
        return {k: (v if isinstance(v, list | tuple) else [v]) for k, v in value.items()}
    return value


PriorField: TypeAlias = Annotated[Prior, BeforeValidator(_numbers)]


class Priors(Typed):
    """Priors on the model scale (logit for proportions): ``{normal: [mean, sd]}``, ``{half-normal: scale}``."""

    mean: PriorField = "default"
    tau: PriorField = "default"
