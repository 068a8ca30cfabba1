"""Write the expected site of the small review again, on purpose: look at the difference before you commit it.

python -m tests.golden.make
"""

from __future__ import annotations

import shutil
from pathlib import Path

from handful.review import open_review
from handful.site.publish import publish

HERE = Path(__file__).resolve().parent
EXPECTED = HERE / "site"


def make() -> None:
    """Build ``review`` into ``site``; what is made from the package's own files is not kept twice."""
    report = publish(open_review(HERE / "review"), to=EXPECTED)
    shutil.rmtree(EXPECTED / "assets")
    (EXPECTED / "review.zip").unlink()
    print(f"{report.pages} pages in {EXPECTED}")


if __name__ == "__main__":
    if EXPECTED.exists():
        shutil.rmtree(EXPECTED)
    make()
