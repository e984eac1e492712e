"""Run a command; print its status, and the most memory it had in KiB."""

from __future__ import annotations

import resource
import subprocess
import sys

status = subprocess.run(sys.argv[1:], check=False).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
