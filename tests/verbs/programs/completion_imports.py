"""Complete the words of `plashui run`; print the big modules that were imported."""

from __future__ import annotations

import sys

from plashui.cli import run

run(["completion", "--words", "run", ""])
print(sorted({"argparse", "subprocess", "json"} & set(sys.modules)))
