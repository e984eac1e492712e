"""The real docker, as a server of our own that leaves the host's network alone."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DockerEndedError(Exception):
    """It cannot run here; the end of what it said."""


@contextmanager
def running(place: Path, driver: str = "vfs") -> Iterator[Path]:
    """Run one in a new directory, as root; gives its socket, and ends it.

    Raises:
        DockerEndedError: If it does not start.
    """
    place.mkdir()
    socket = place / "socket"
    settings = {
        "hosts": [f"unix://{socket}"],
        "data-root": str(place / "data"),
        "exec-root": str(place / "exec"),
        "pidfile": str(place / "pid"),
        "storage-driver": driver,
        "bridge": "none",
        "iptables": False,
        "ip6tables": False,
    }
    (place / "daemon.json").write_text(json.dumps(settings))
    words = ["unshare", "-m", "dockerd", "--config-file", str(place / "daemon.json")]
    with (place / "log").open("wb") as log:
        daemon = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        asked = ["docker", "-H", f"unix://{socket}", "version"]
        while subprocess.run(asked, capture_output=True, check=False).returncode:
            if daemon.poll() is not None:
                raise DockerEndedError((place / "log").read_text()[-300:])
            time.sleep(0.1)
        yield socket
    finally:
        daemon.terminate()
        daemon.wait()
