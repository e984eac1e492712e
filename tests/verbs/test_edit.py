"""A file of an image is edited by a program of this machine; see also tests/ui."""

from __future__ import annotations

from pathlib import Path

from tests.people import Person
from tests.tools import leftovers
from tests.verbs.conftest import Run


def test_an_edited_file_keeps_its_owner_and_mode_and_all_else_is_as_it_was(
    plashui: Run, store: Path, person: Person, image: str
) -> None:
    owned = person.map != "single"
    script = (
        "mkdir -p '/d/in side'; echo old > '/d/in side/file'; echo beside > /d/other;"
        "chmod 640 '/d/in side/file'; chmod 1710 /d '/d/in side';"
        + ("chown 33:34 /d '/d/in side'; chown 100:101 '/d/in side/file';" * owned)
        + "ln -s 'd/in side' /way"
    )
    base = plashui("build", image, "sh", "-c", script).stdout.strip()
    words = [store, base, "/way/file", "new\n"]
    program = person.program(__file__, "edit_file.py")
    env = {"PLASH_DATA": str(store), "TMPDIR": str(person.home)}
    done = person.run([person.bin / "python3", program, *words], env=env)
    assert done.returncode == 0, done.stderr
    made = done.stdout.strip()
    look = "find /d /way | sort | xargs -d '\\n' stat -c '%n %a %u %g %F'; cat /d/other"
    seen = [plashui("run", one, "sh", "-c", look).stdout for one in (base, made)]
    assert seen[0] == seen[1]
    assert "beside" in seen[1]
    assert plashui("run", made, "cat", "/d/in side/file").stdout == "new\n"
    changed = plashui("diff", made).stdout.splitlines()
    assert len([line for line in changed if "/d/in side/file" in line]) == 1
    assert not [line for line in changed if "other" in line or "way" in line]
    assert leftovers(store) == []
