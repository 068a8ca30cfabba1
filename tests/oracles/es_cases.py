"""Reading the reference figures of effect sizes: columns are stored once a file, cases point at them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from handful.stats.evidence import one_arm, one_arm_rates, one_mean, two_arm_rates, two_arms, two_means
from handful.stats.evidence_paired import correlations, pre_post

DATA = Path(__file__).parent / "data"


def cases(family: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every escalc case of a family with the file it is from."""
    found = []
    for path in sorted((DATA / family).glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        file["name"] = path.stem
        found += [(file, case) for case in file["cases"] if case.get("args")]
    return found


def name_of(pair: Any) -> str:
    return f"{pair[0]['id']}-{pair[1]['id']}"


def column(file: dict[str, Any], case: dict[str, Any], key: str) -> npt.NDArray[np.float64]:
    """yi or vi; null is R's NA."""
    values = case["expected"][key] if "expected" in case else file["columns"][case[key]]
    return np.array([np.nan if v is None else float(v) for v in values])


def evidence_of(family: str, given: dict[str, Any]) -> Any:
    """The file's input as our evidence."""
    if family == "es_2x2":
        a, b, c, d = (np.array(given[name]) for name in ("ai", "bi", "ci", "di"))
        return two_arms(a, a + b, c, c + d)
    if family == "es_ir2":
        return two_arm_rates(given["x1i"], given["t1i"], given["x2i"], given["t2i"])
    if family == "es_cont":
        return two_means(*(given[name] for name in ("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i")))
    if family == "es_mean1":
        return one_mean(given["ni"], given["mi"], given["sdi"])
    if family == "es_cor":
        return correlations(given["ri"], given["ni"])
    if family == "es_prepost":  # escalc was called with the later measurement as the first
        return pre_post(*(given[name] for name in ("ni", "m_post", "sd_post", "m_pre", "sd_pre", "ri")))
    if family == "es_prop1":
        return one_arm(given["xi"], given["ni"])
    return one_arm_rates(given["xi"], given["ti"])
