"""A step of a build: as the image's config says, with what the options share."""

from __future__ import annotations

from pathlib import Path

from tests.helpers.conftest import Bench, Word

STEP: list[Word] = ["run:persist", "--build", "--isolate"]


def made(work: Path) -> list[str]:
    """What is in the layer."""
    data = work / "data"
    return sorted(str(path.relative_to(data)) for path in data.rglob("*"))


def test_it_sees_its_own_variables_directory_and_files_only(
    plash: Bench, image: str, playground: Path
) -> None:
    work = plash.work("w")
    script = "env | sort; pwd; ls /home /root | tr '\\n' ' '"
    options = ["-e", "A=b c", "-w", "/srv/x", "--hostname", "h"]
    done = plash(*STEP, *options, image, work, "sh", "-c", script, cwd=playground)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    names = {line.partition("=")[0] for line in lines if "=" in line}
    assert names <= {"A", "HOME", "HOSTNAME", "PATH", "PWD", "SHLVL", "TERM"}
    assert "A=b c" in lines
    assert "/srv/x" in lines
    assert str(playground) not in done.stdout


def test_it_has_the_network_only_if_asked(plash: Bench, image: str) -> None:
    count = "cat /proc/net/dev | wc -l"
    alone = plash(*STEP, image, plash.work("w"), "sh", "-c", count)
    assert alone.stdout == "3\n", alone.stderr  # two of head, and loopback
    shared = plash(*STEP, "--net", image, plash.work("v"), "sh", "-c", count)
    here = Path("/proc/net/dev").read_text().count("\n")
    assert int(shared.stdout) == here, shared.stderr


def test_places_of_what_is_shared_are_not_in_the_layer(
    plash: Bench, image: str, playground: Path
) -> None:
    file, directory = playground / "secret", playground / "cache"
    make = 'echo hidden >"$0"; mkdir "$1"'
    plash.person.run(["sh", "-c", make, file, directory], check=True)
    work = plash.work("w")
    done = plash(
        *(*STEP, "-v", f"{file}:/run/secrets/a:ro", "-v", f"{directory}:/var/c/d"),
        *(
            image,
            work,
            "sh",
            "-c",
            "cat /run/secrets/a; echo 1 >/var/c/d/f; echo 2 >/f",
        ),
    )
    assert done.stdout == "hidden\n", done.stderr
    assert made(work) == ["f"]
    assert (directory / "f").read_text() == "1\n"


def test_what_the_command_itself_puts_beside_them_stays(
    plash: Bench, image: str, playground: Path
) -> None:
    directory = playground / "cache"
    plash.person.run(["mkdir", directory], check=True)
    work = plash.work("w")
    script = "echo 1 >/var/c/own; echo 2 >/var/c/d/f"
    share = ["-v", f"{directory}:/var/c/d"]
    done = plash(*STEP, *share, image, work, "sh", "-c", script)
    assert done.returncode == 0, done.stderr
    assert "var/c/own" in made(work)
    assert "var/c/d/f" not in made(work)


def test_the_entry_point_is_not_run_and_no_home_is_shared_with_it(
    plash: Bench, image: str
) -> None:
    refused = plash(*STEP, "--share-home", image, plash.work("w"), "true")
    assert refused.returncode == 1
    assert "--share-home and --isolate exclude each other" in refused.stderr
