"""Where the program keeps what it worked out before: in the person's own cache folder, one folder for each review."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

VARIABLE = "HANDFUL_CACHE"


def cache_of(review: Path) -> Path | None:
    """The folder for this review; None where the variable HANDFUL_CACHE says ``none`` or no home is known."""
    named = os.environ.get(VARIABLE, "")
    if named.lower() == "none":
        return None
    mark = hashlib.sha256(str(review.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    base = Path(named) if named else _base()
    return base / mark if base is not None else None


def _base() -> Path | None:
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA", "")
        return Path(home) / "handful" / "cache" if home else None
    own = os.environ.get("XDG_CACHE_HOME", "")
    if own and Path(own).is_absolute():
        return Path(own) / "handful"
    try:
        return Path.home() / ".cache" / "handful"
    except RuntimeError:
        return None


__all__ = ["VARIABLE", "cache_of"]
