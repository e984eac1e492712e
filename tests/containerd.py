"""A containerd of our own, which leaves the host alone."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.tools import wait_for


@contextmanager
def running(place: Path) -> Iterator[dict[str, str]]:
    """Run one in a new directory with a short path, as root.

    Gives the environment in which `ctr` speaks with it.
    """
    place.mkdir()
    settings, socket = place / "config.toml", place / "socket"
    settings.write_text(
        f'version = 2\nroot = "{place}/root"\nstate = "{place}/state"\n'
        'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n'
        f'[grpc]\naddress = "{socket}"\n[ttrpc]\naddress = "{socket}.ttrpc"\n'
    )
    words = ["unshare", "-m", "containerd", "--config", str(settings)]
    with open(place / "log", "wb") as log:
        daemon = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        wait_for(socket.exists, "containerd")
        yield {
            "CONTAINERD_ADDRESS": str(socket),
            "CONTAINERD_SNAPSHOTTER": "native",
        }
    finally:
        daemon.terminate()
        daemon.wait()
