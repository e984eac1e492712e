"""engine:list --changes — what a run has kept, seen by the image's root."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Verb


def test_changes_are_listed_whoever_they_belong_to(
    plash: Verb, playground: Path, store: Path, image: str
) -> None:
    """Also of an image that is not there; whiteouts and opaque directories say so."""
    place = playground / "changes"
    script = (
        "mkdir -m 700 /new; echo x >/new/file; rm /etc/group;"
        " rm -r /usr/share; mkdir /usr/share; chown -R 5:5 /new 2>/dev/null; true"
    )
    done = plash("run:persist", image, place, "sh", "-c", script)
    assert done.returncode == 0, done.stderr
    words = ["engine:list", "--changes", place, "--recursive", store, "0", "/"]
    listed = plash(*words)
    assert listed.returncode == 0, listed.stderr
    fields = listed.stdout.split("\0")
    rows = {fields[at]: fields[at : at + 13] for at in range(0, len(fields) - 1, 13)}
    assert rows["new/file"][1] == "-"
    assert rows["etc/group"][1] == "w"
    assert rows["usr/share"][10] == "y"
    owner = plash("run:persist", image, place, "stat", "-c", "%u", "/new/file")
    assert rows["new/file"][3] == owner.stdout.strip()
