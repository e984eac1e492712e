"""A shell in an image says where one is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.conftest import Bench
from tests.helpers.run.test_terminal import Terminal


@pytest.fixture
def terminal(plash: Bench) -> Iterator[Terminal]:
    """A terminal of the person's, that has a title."""
    made = Terminal(plash)
    made.run("export TERM=xterm-256color")
    yield made
    made.close()


def name(plash: Bench, image: str, *names: str) -> None:
    """Give the image these names."""
    for each in names:
        link = plash.store / "map" / each
        plash.person.run(["ln", "-s", f"../layer/0/{image}", link], check=True)


SHOW = "echo $debian_chroot!"


@pytest.mark.parametrize("way", ["run", "run:persist", "build"])
def test_prompt_title_and_a_line_tell_image_from_host(
    plash: Bench, image: str, terminal: Terminal, way: str
) -> None:
    name(plash, image, "web", "zweb")
    kept = plash.store.parent / "kept"
    terminal.type(
        f"{plash.program} {way} {image} {kept if way == 'run:persist' else ''}\n"
    )
    seen = terminal.expect(r"\(1 web\) \S+ # ")
    assert "\x1b[22;2t\x1b]2;1 web\x07shell in 1 web" in seen
    of_host = "/home, /root and /tmp belong to this machine (--isolate hides them)"
    assert (of_host in seen) == (way != "build")
    assert "- exit comes back\r\n" in seen
    terminal.type(f"{SHOW}\n")
    terminal.expect("\n1 web!\r\n")
    terminal.type("exit\n")
    assert "\x1b[23;2t" in terminal.expect("PROMPT ")


def test_what_has_no_terminal_is_told_nothing(plash: Bench, image: str) -> None:
    done = plash("run", image, input="echo $debian_chroot!; exit 0\n")
    assert (done.stdout, done.stderr) == ("!\n", "")
    done = plash("run", image, "env", input="")
    assert "debian_chroot" not in done.stdout
    assert "PS1=" not in done.stdout


def test_a_command_is_announced_by_nothing(
    plash: Bench, image: str, terminal: Terminal
) -> None:
    shown = terminal.run(f"{plash.program} run {image} echo in")
    assert shown == "in\n"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a%b:1", "a/b:1"),
        ("$(touch x)", "??touch?x?"),
        ("\x1b[31m`id`", "??31m?id?"),
        ("\xe4 \x9b", "?????"),
    ],
)
def test_a_name_means_nothing_to_terminal_and_shell(
    plash: Bench, image: str, terminal: Terminal, given: str, shown: str
) -> None:
    name(plash, image, given)
    terminal.type(f"{plash.program} run {image}\n")
    seen = terminal.expect(r"\(1 \S+\) \S+ # ")
    assert f"\x1b]2;1 {shown}\x07shell in 1 {shown} - " in seen
    assert f"(1 {shown}) " in seen
    terminal.type("exit\n")
    terminal.expect("PROMPT ")
    terminal.type("export TERM=dumb\n")
    terminal.expect("PROMPT ")
    terminal.type(f"{plash.program} run {image}\n")
    assert "\x1b" not in terminal.expect(" # ")
