"""The form of everything people type: frozen, unknown keys refused, numbers really numbers."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

K = TypeVar("K")
V = TypeVar("V")

NotReported: TypeAlias = Literal["not reported"]
NotRecorded: TypeAlias = Literal["not recorded"]
Missing: TypeAlias = Literal["not reported", "not recorded"]


class Typed(BaseModel):
    """Base of all file types."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, str_strip_whitespace=True)


class FrozenMap(dict[K, V]):
    """A dictionary that cannot be changed after it was made."""

    def _refuse(self, *_: object, **__: object) -> Any:
        raise TypeError("this mapping is frozen")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = _refuse
    __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted((repr(k), repr(v)) for k, v in self.items())))

    def __reduce__(self) -> Any:
        return (FrozenMap, (dict(self),))


def freeze(mapping: dict[K, V]) -> dict[K, V]:
    """The same mapping, frozen."""
    return FrozenMap(mapping)


Map: TypeAlias = Annotated[dict[K, V], AfterValidator(freeze)]


def _listed(value: Any) -> Any:
    """One value stands for a list of one."""
    return [value] if isinstance(value, str) else value


def _whole(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError(
            "whole_number", "must be a whole number of people, found {found}", {"found": repr(value)}
        )
    if value < 0:
        raise PydanticCustomError("negative_count", "cannot be negative, found {found}", {"found": repr(value)})
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("number", "must be a number, found {found}", {"found": repr(value)})
    return value


def _percent(value: Any) -> Any:
    """A percentage as printed. Text keeps trailing zeros that a YAML number would lose (``"20.00"``)."""
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) or float(text) > 100:
        raise PydanticCustomError(
            "percent", "must be a percentage between 0 and 100 as printed, found {found}", {"found": repr(value)}
        )
    return text


def _as_printed(value: Any) -> Any:
    """A number as printed. Text keeps trailing zeros that a YAML number would lose (``"3.50"``)."""
    text = str(value).replace("\N{MINUS SIGN}", "-")
    if isinstance(value, bool) or not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
        raise PydanticCustomError("number", "must be a number as printed, found {found}", {"found": repr(value)})
    return text


def _p_value(value: Any) -> Any:
    """A p-value as printed: ``0.03``, ``"<0.05"``, ``"ns"``."""
    text = " ".join(str(value).split())
    match = re.fullmatch(r"(?:[<>=≤≥] ?)?(0?\.[0-9]+|[01](?:\.0+)?)|ns", text)
    if isinstance(value, bool) or match is None:
        raise PydanticCustomError(
            "p_value",
            'must be a p-value as printed, such as 0.03, "<0.05" or ns, found {found}',
            {"found": repr(value)},
        )
    return text


def _identifier(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise PydanticCustomError(
            "identifier",
            "must be an id of lower-case letters, digits and single hyphens, found {found}",
            {"found": repr(value)},
        )
    return value


def _few_words(value: Any) -> Any:
    if isinstance(value, str):
        words = [w for w in value.split() if re.search(r"\w", w)]
        if len(words) > 25:
            raise PydanticCustomError(
                "quote_too_long", "has {words} words; a quote may have 25 at most", {"words": len(words)}
            )
    return value


Count: TypeAlias = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=10_000_000_000)]
Number: TypeAlias = Annotated[float, BeforeValidator(_number)]
AsPrinted: TypeAlias = Annotated[str, BeforeValidator(_as_printed)]
PValue: TypeAlias = Annotated[str, BeforeValidator(_p_value)]
Percent: TypeAlias = Annotated[str, BeforeValidator(_percent)]
Id: TypeAlias = Annotated[str, BeforeValidator(_identifier), Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Quote: TypeAlias = Annotated[str, BeforeValidator(_few_words)]
Words: TypeAlias = Annotated[str, Field(min_length=1)]
Ids: TypeAlias = Annotated[tuple[Id, ...], BeforeValidator(_listed)]
TextList: TypeAlias = Annotated[tuple[Words, ...], BeforeValidator(_listed)]
Level: TypeAlias = Annotated[float, BeforeValidator(_number), Field(gt=0, lt=1)]
