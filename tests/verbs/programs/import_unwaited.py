"""Import a tar where ended children are forgotten; print the error.

Arguments: the store, the tar.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.store.store import Store
from plashui.transfer.imports.tarball import import_tar

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
try:
    import_tar(Store(sys.argv[1]), Path(sys.argv[2]))
except PlashError as error:
    print(error)
