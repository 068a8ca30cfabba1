"""``python -m handful`` is the command ``handful``."""

from __future__ import annotations

import sys

from handful.cli.main import entry

if __name__ == "__main__":
    sys.exit(entry())
