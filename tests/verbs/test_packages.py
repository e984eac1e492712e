"""packages, slim and diff --packages: what they say, and what they make."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import DEVNULL
from typing import Any, Final

import pytest

from tests.people import Person
from tests.registries import Registries
from tests.tools import leftovers, wait_for
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn

BASE: Final = r"""
package() {
    printf 'Package: %s\nStatus: install ok installed\nVersion: %s\n\n' $name $1 \
        >>/var/lib/dpkg/status
    shift
    printf '%s\n' /. "$@" >"/var/lib/dpkg/info/$name.list"
    for path; do mkdir -p "${path%/*}"; echo "$name" >"$path"; done
}
mkdir -p /var/lib/dpkg/info
for name in tool page gone; do
    doc=/usr/share/doc/$name
    package 1 /usr/bin/$name $doc/copyright $doc/README
done
mkdir -p /usr/share/man/man1; echo page >/usr/share/man/man1/page.1
printf '%s\n' /usr/share/man /usr/share/man/man1 /usr/share/man/man1/page.1 \
    >>/var/lib/dpkg/info/page.list
"""
NEXT: Final = r"""
sed -i '/^Package: gone$/,/^$/d; /^Package: tool$/,/^$/s/^Version: .*/Version: 99/' \
    /var/lib/dpkg/status
rm -r /var/lib/dpkg/info/gone.list /usr/bin/gone /usr/share/doc/gone
echo longer >>/usr/bin/tool
mkdir -p /var/lib/apt/lists/aux /root/.cache/pip/http && chmod 750 /var/lib/apt/lists
echo list >/var/lib/apt/lists/a_InRelease
echo wheel >/root/.cache/pip/http/x
echo loose >/srv
"""


@pytest.fixture
def installed(image: str, plashui: Run) -> str:
    """Image 2 has three packages; in 3, built on it, one is gone and one is new."""
    assert image == "1"
    for number, script in ((2, BASE), (3, NEXT)):
        done = plashui("build", str(number - 1), "sh", "-ec", script)
        assert (done.returncode, done.stdout) == (0, f"{number}\n"), done.stderr
    return "3"


Told = Callable[..., Any]


@pytest.fixture
def told(plashui: Run) -> Told:
    """What a verb says as JSON."""

    def run(*words: str) -> Any:
        done = plashui(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_packages_are_told_with_the_bytes_of_their_files(
    told: Told, plashui: Run, installed: str
) -> None:
    found = told("packages", installed)
    names = [(p["name"], p["version"], p["files"]) for p in found["packages"]]
    assert names == [("page", "1", 4), ("tool", "99", 3)]
    loose = {one["path"] for one in told("packages", "--loose", installed)}
    assert {"/srv", "/root/.cache/pip/http/x", "/bin/busybox"} <= loose
    assert not {"/usr/bin/tool", "/usr/share/man/man1/page.1"} & loose
    text = plashui("packages", installed)
    assert text.stdout.splitlines()[-1].endswith("of no package")
    assert f"`plash slim {installed}`" in text.stderr


def test_a_layer_tells_which_packages_came_changed_and_went(
    told: Told, plashui: Run, installed: str
) -> None:
    empty, first, second = told("packages", "--layers", installed)
    assert (empty["id"], empty["changes"]) == (1, [])
    assert [one["change"] for one in first["changes"]] == ["added"] * 3
    changes = [(one["name"], one["change"]) for one in second["changes"]]
    assert changes == [("gone", "deleted"), ("tool", "modified")]
    assert told("packages", "2", installed) == second["changes"]
    back = [(one["name"], one["change"]) for one in told("packages", installed, "2")]
    assert back == [("gone", "added"), ("tool", "modified")]
    text = plashui("packages", "2", installed)
    assert "tool  1 -> 99\n" in text.stdout
    assert "1 package modified, 1 package deleted" in text.stderr


def test_diff_groups_files_by_package(told: Told, plashui: Run, installed: str) -> None:
    found = told("diff", installed, "--packages", "--config")
    assert found["config"] == []
    groups = {(p["package"] or {"name": ""})["name"]: p for p in found["packages"]}
    assert groups.keys() == {"gone", "tool", ""}
    assert groups["gone"]["change"]["change"] == "deleted"
    paths = {name: {f["path"] for f in one["files"]} for name, one in groups.items()}
    assert paths["tool"] == {"/usr/bin/tool"}
    assert paths["gone"] == {
        *("/usr/bin/gone", "/usr/share/doc/gone/README"),
        "/usr/share/doc/gone/copyright",
    }
    assert {"/srv", "/var/lib/dpkg/status"} <= paths[""]
    changed = plashui("config", installed, "--env", "A=1", "--cmd", '["sh"]')
    assert told("diff", changed.stdout.strip(), "--config")["config"] == [
        {"key": "Cmd", "before": None, "after": "sh", "change": "added"},
        {"key": "Env A", "before": None, "after": "1", "change": "added"},
    ]
    text = plashui("diff", changed.stdout.strip(), "--config")
    assert text.stdout == "A  Cmd  sh\nA  Env A  1\n"


def test_leftovers_go_by_a_new_layer_and_come_back_with_the_old_image(
    told: Told, plash: Run, plashui: Run, installed: str
) -> None:
    left = told("slim", installed)
    assert {kind: one["files"] for kind, one in left.items()} == {
        "apt-lists": 1,
        "pip-cache": 1,
        "docs": 3,
    }
    done = plashui("slim", "--name", "thin", installed, *left)
    assert done.returncode == 0, done.stderr
    made = done.stdout.strip()
    assert told("slim", "thin") == {}
    changes = {one["path"]: one for one in told("diff", made)}
    # Directories of packages stay, and those that something else is in.
    assert changes.keys() == {
        "/root/.cache/pip/http",
        "/root/.cache/pip/http/x",
        "/usr/share/doc/page/README",
        "/usr/share/doc/tool/README",
        "/usr/share/man/man1/page.1",
        "/var/lib/apt/lists/a_InRelease",
    }
    assert {one["change"] for one in changes.values()} == {"deleted"}
    files = [c["before"] for c in changes.values() if c["before"]["type"] == "file"]
    saved = sum(one["bytes"] for one in left.values())
    assert sum(one["allocated"] for one in files) == saved
    see = "stat -c '%a %n' /var/lib/apt/lists; ls -A /var/lib/apt/lists"
    assert plash("run", made, "sh", "-c", see).stdout == "750 /var/lib/apt/lists\naux\n"
    again = plashui("slim", "thin", "docs")
    assert again.returncode == 1
    assert "has no leftovers of docs" in again.stderr
    assert "is not a kind of leftovers" in plashui("slim", made, "nonsense").stderr
    assert plashui("rm", made).returncode == 0
    assert told("slim", installed) == left


def test_an_image_that_is_not_here_is_compared_and_gone(
    told: Told, plashui: Run, installed: str, busybox_tar: Path, store: Path
) -> None:
    elsewhere = f"file:{busybox_tar.parent}/./{busybox_tar.name}"
    assert told("diff", "1", elsewhere) == []
    found = told("diff", elsewhere, installed, "--packages", "--config")
    names = [(one["package"] or {"name": ""})["name"] for one in found["packages"]]
    assert names == ["page", "tool", ""]
    here = {one["path"]: one for one in told("diff", "1", installed)}
    there = {one["path"]: one for one in told("diff", elsewhere, installed)}
    assert there.keys() == here.keys()
    assert [one["id"] for one in told("ls")] == [1, 2, 3]
    assert leftovers(store) == []
    wrong = plashui("diff", "1", "file:/nothing/here")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("plash error: ")
    assert leftovers(store) == []


def test_an_image_of_a_registry_is_compared_without_being_pulled(
    told: Told, image: str, registries: Registries, store: Path, plashui: Run
) -> None:
    registries.put_files("packages:one", {"etc/a": "a", "etc/b": "b"})
    name = f"{registries.plain}/packages:one"
    found = {one["path"]: one["change"] for one in told("diff", "0", f"oci:{name}")}
    assert found.items() >= {"/etc/a": "added", "/etc/b": "added"}.items()
    assert [one["id"] for one in told("ls")] == [int(image)]
    pulled = plashui("pull:oci", name).stdout.strip()
    assert told("diff", f"oci:{name}", pulled) == []
    assert told("diff", f"oci:{name}", pulled, "--config")["config"] == []
    assert leftovers(store) == []


def test_what_a_killed_comparison_leaves_is_cleaned(
    person: Person, plashui: Run, image: str, debian_tar: Path, store: Path
) -> None:
    words = [person.bin / "plashui", "diff", image, f"file:{debian_tar}"]
    running = person.start(
        words, env={"PLASH_DATA": str(store)}, stdout=DEVNULL, stderr=DEVNULL
    )
    wait_for(lambda: list(store.glob("tmp/*/store/tmp/*")), "the pull")
    running.kill()
    running.wait()
    assert len(leftovers(store)) == 1
    assert plashui("clean").returncode == 0
    assert leftovers(store) == []


@pytest.mark.parametrize("person", ["full"], indirect=True)
def test_packages_are_those_of_dpkg_query_with_the_bytes_of_du(
    told: Told, plash: Run, plashui: Run, debian_tar: Path
) -> None:
    debian = plashui("pull:tarfile", debian_tar).stdout.strip()
    found = told("packages", debian)
    query = plash("run", debian, "dpkg-query", "-W", "-f", "${Package} ${Version}\\n")
    expected = sorted(query.stdout.splitlines())
    assert [f"{p['name']} {p['version']}" for p in found["packages"]] == expected
    assert found["not_readable"] == []
    # What dpkg -L lists, by du: directories are not the package's alone.
    for name in ("dpkg", "perl-base", "libc6"):
        script = (
            f'dpkg -L {name} | while read -r f; do [ -L "$f" ] || [ ! -d "$f" ]'
            ' && realpath -s "$(cd "$(dirname "$f")" && pwd -P)/${f##*/}"; done'
            " | sort -u | tr '\\n' '\\0' | du -c -B1 --files0-from=- | tail -n 1"
        )
        counted = plash("run", debian, "sh", "-c", script).stdout.split()[0]
        (ours,) = (p for p in found["packages"] if p["name"] == name)
        assert ours["bytes"] == int(counted), name
    loose = {one["path"] for one in told("packages", "--loose", debian)}
    assert not {"/usr/bin/dpkg", "/bin/dpkg", "/etc/debian_version"} & loose
    whole = sum(p["bytes"] for p in found["packages"]) + found["directories"]
    merged = plash("mounted", debian, "du", "-s", "-B1", "-x", ".").stdout.split()[0]
    assert whole + found["loose"]["bytes"] == int(merged)
