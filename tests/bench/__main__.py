"""All benchmarks: `python -m tests.bench` from the checkout, as root or as a user."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run each script in a process of its own; the number of those that failed."""
    here = Path(__file__).parent
    failed = 0
    for script in sorted(here.glob("bench_*.py")):
        print(f"== {script.stem}", flush=True)
        words = [sys.executable, "-m", f"tests.bench.{script.stem}"]
        failed += subprocess.run(words, cwd=here.parents[1], check=False).returncode > 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
