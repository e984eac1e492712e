"""Takes README's pictures of builds: the plan of one, and the shell at a failed step.

`python -m screenshots.builds [DIRECTORY]` plays a person in tmux, on the demo's store,
and writes PNGs there (default: beside this file). It needs what `record.py` needs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from screenshots.record import Camera, drawn

HERE: Final = Path(__file__).parent
FILES: Final = {
    "Containerfile": """\
ARG VERSION=2.1

FROM dev AS docs
COPY docs /docs
RUN cat /docs/*.md | sed 's/^# //' > /manual

FROM dev AS build
ARG VERSION
COPY src /src
RUN sed "s/@VERSION@/$VERSION/" /src/hello.in > /hello
RUN test -s /src/hello.conf && cp /src/hello.conf /hello.conf

FROM debian
COPY --from=build /hello /hello.conf /usr/local/
COPY --from=docs /manual /usr/local/
ENV LANG=C.UTF-8
ENTRYPOINT ["/bin/sh", "/usr/local/hello"]
""",
    "docs/start.md": "# Getting started\n",
    "src/hello.in": "echo hello @VERSION@\n",
}


def write_files(place: Path) -> None:
    """Write what is built."""
    for name, text in FILES.items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def main(directory: str = "") -> None:
    """Take both pictures."""
    target = Path(directory) if directory else HERE
    with tempfile.TemporaryDirectory() as home:
        place = Path(home)
        write_files(place / "hello")
        camera = Camera(place)
        try:
            camera.type("plashui demo .plashdata >/dev/null 2>&1; echo ma''de")
            camera.wait("made")
            camera.type("plash build:file --target docs hello >/dev/null 2>&1; clear")
            camera.type("plashui")
            camera.wait("dev", "GB free")
            camera.press("b")
            camera.wait("Build on image")
            camera.press("BTab")
            camera.press("Right", "Right")
            camera.wait("● a file")
            camera.press("Tab")
            camera.type("hello")
            camera.wait("Plan: Build hello", "stage-2 4/4")
            drawn(camera.screen()).save(target / "plan.png")
            camera.press("Enter")
            camera.wait("failed")
            time.sleep(8)  # until the message is gone
            camera.press("J", "Enter")
            camera.wait("exit comes back")
            camera.type("ls /src")
            camera.type("echo greeting=hello >/src/hello.conf")
            camera.type("test -s /src/hello.conf && cp /src/hello.conf /hello.conf")
            camera.type("cat /hello.conf")
            drawn(camera.screen()).save(target / "failed-step.png")
        finally:
            camera.close()
            store = ["rm", "-rf", str(place / ".plashdata")]
            subprocess.run(["plash", "sudo", *store], check=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
