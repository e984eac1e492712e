"""What RUN --mount attaches in build:file, for every kind of person."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.people import Person
from tests.tools import du, leftovers, wait_for
from tests.verbs.conftest import Build, Run, inside

pytestmark = pytest.mark.in_turn

SECRET = "swordfish-7"  # noqa: S105 - not one


def test_secrets_and_caches_leave_nothing(
    person: Person, store: Path, context: Path, build: Build, plashui: Run
) -> None:
    secret = context.parent / "secret"
    secret.write_text(SECRET)
    person.give(secret)
    text = (
        "FROM base\nRUN --mount=type=secret,id=s,target=/run/s "
        "--mount=type=cache,target=/c wc -c < /run/s > /n; echo x >> /c/x; cat /c/x\n"
    )
    made = build(text, "--secret", f"id=s,src={secret}")
    assert inside(person, store, made, "cat", "/n") == f"{len(SECRET)}\n"
    assert SECRET not in build.said  # type: ignore[attr-defined]
    changed = [line.split()[-1] for line in plashui("diff", made).stdout.splitlines()]
    assert changed == ["/n"]
    grep = ["grep", "-rl", SECRET, store / "index", store / "memory"]
    assert person.run([person.bin / "plash", "sudo", *grep]).stdout == ""
    secret.write_text("another")
    assert build(text, "--secret", f"id=s,src={secret}") == made
    other = text.replace("/n;", "/m;")
    build(other, "--secret", f"id=s,src={secret}")
    assert "x\nx\n" in build.said  # type: ignore[attr-defined]
    assert "id=s" in build(text.replace("id=s", "id=s,required"), fails=True)


@pytest.mark.parametrize("person", ["root", "full"], indirect=True)
def test_a_secret_can_be_for_another_user(
    person: Person, store: Path, context: Path, build: Build
) -> None:
    secret = context.parent / "a:secret"
    secret.write_text(SECRET)
    person.give(secret)
    secret.chmod(0o600)
    mount = "RUN --mount=type=secret,id=s,uid=5,mode=0440 "
    text = f"FROM base\nRUN mkdir -m 777 /m\nUSER 5\n{mount}"
    made = build(
        f"{text} stat -c '%u %a' /run/secrets/s > /m/n; wc -c < /run/secrets/s >> /m/n",
        *("--secret", f"id=s,src={secret}"),
    )
    seen = inside(person, store, made, "cat", "/m/n")
    assert seen == f"5 440\n{len(SECRET)}\n"
    grep = ["grep", "-rl", SECRET, store]
    assert person.run([person.bin / "plash", "sudo", *grep]).stdout == ""
    assert leftovers(store) == []


def test_files_of_a_stage_and_of_the_context_can_be_mounted(
    person: Person, store: Path, context: Path, build: Build, plashui: Run
) -> None:
    (context / "f").write_text("here\n")
    made = build(
        "FROM base AS s\nRUN mkdir -p /o/p && echo there > /o/p/f && ln -s /o/p /l\n"
        "FROM base\nRUN --mount=from=s,src=/l,target=/a --mount=target=/c,rw "
        "cat /a/f /c/f > /n; touch /c/new && ! touch /a/new\n"
    )
    assert inside(person, store, made, "cat", "/n") == "there\nhere\n"
    changed = [line.split()[-1] for line in plashui("diff", made).stdout.splitlines()]
    assert changed == ["/n"]
    assert sorted(one.name for one in context.iterdir()) == ["Containerfile", "f"]
    assert leftovers(store) == []


def test_a_secret_that_is_copied_is_nowhere_on_the_disk(
    person: Person, store: Path, context: Path, image: str
) -> None:
    secret = context.parent / "secret"
    secret.write_text(SECRET)
    person.give(secret)
    mount = "RUN --mount=type=secret,id=f,mode=0444 --mount=type=secret,id=v"
    text = (
        f"FROM {image}\n{mount} cat /run/secrets/f /run/secrets/v >/dev/null; sleep 99"
    )
    (context / "Containerfile").write_text(f"{text}\n")
    words = ("--secret", f"id=f,src={secret}", "--secret", "id=v,env=V", context)
    env = {"PLASH_DATA": str(store), "V": SECRET}
    process = person.start([person.bin / "plashui", "build:file", *words], env=env)
    place = store / "tmp"
    wait_for(lambda: any(place.glob("*/work")), "the command begins")
    process.send_signal(signal.SIGKILL)
    process.wait()
    found = person.run([person.bin / "plash", "sudo", "grep", "-rl", SECRET, store])
    assert found.stdout == ""


def test_the_command_gets_no_descriptor_of_a_secret(
    person: Person, store: Path, context: Path, build: Build
) -> None:
    secret = context.parent / "secret"
    secret.write_text(SECRET)
    person.give(secret)
    made = build(
        "FROM base\nRUN --mount=type=secret,id=s,mode=0444 ls -l /proc/self/fd >/fds;"
        " stat -c %a /run/secrets/s >/mode; ! echo x >>/run/secrets/s\n",
        *("--secret", f"id=s,src={secret}"),
    )
    seen = inside(person, store, made, "cat", "/fds", "/mode")
    assert "memfd" not in seen
    assert seen.endswith("\n444\n")


def test_a_tmpfs_is_in_memory_and_as_large_as_it_says(
    person: Person, store: Path, build: Build
) -> None:
    made = build(
        "FROM base\nRUN --mount=type=tmpfs,target=/t,size=64k stat -f -c %T /t >/kind;"
        " stat -c %a /t >>/kind; ! head -c 100000 /dev/zero >/t/x\n"
    )
    assert inside(person, store, made, "cat", "/kind") == "tmpfs\n1777\n"
    assert "/t" not in inside(person, store, made, "ls", "/").split()


@pytest.mark.parametrize("person", ["root", "full"], indirect=True)
def test_a_new_cache_has_the_owner_and_the_mode_that_are_said(
    person: Person, store: Path, build: Build, plashui: Run
) -> None:
    mount = "RUN --mount=type=cache,target=/c,uid=5,gid=6,mode=0700 "
    text = f"FROM base\nRUN mkdir -m 777 /m\n{mount} stat -c '%u %g %a' /c >/m/n\n"
    made = build(f"{text}USER 5\n{mount} echo x >>/c/x; cat /c/x >/m/o\n")
    assert inside(person, store, made, "cat", "/m/n", "/m/o") == "5 6 700\nx\n"
    # A command may change it, and it can be removed all the same.
    build(f"FROM base\n{mount} chown 7 /c\n")
    assert "1 cache removed" in plashui("clean", "--cache").stderr
    assert not (store / "volumes").exists()
    assert leftovers(store) == []


def test_a_cache_can_begin_with_files_and_be_read_only(
    person: Person, store: Path, context: Path, build: Build
) -> None:
    (context / "d").mkdir()
    (context / "d/f").write_text("begun\n")
    mount = "RUN --mount=type=cache,id=c,target=/c,from=s,source=/o"
    made = build(
        "FROM base AS s\nRUN mkdir /o && echo made >/o/f\n"
        f"FROM base\n{mount} cat /c/f >/n; echo more >>/c/f\n"
        f"{mount},ro cat /c/f >>/n; ! touch /c/x\n"
        "RUN --mount=type=cache,target=/e,source=d cat /e/f >>/n\n"
    )
    assert inside(person, store, made, "cat", "/n") == "made\nmade\nmore\nbegun\n"


@pytest.mark.parametrize("sharing", ["locked", "private"])
def test_builds_share_a_cache_as_they_say(
    person: Person, store: Path, build: Build, sharing: str
) -> None:
    mount = f"RUN --mount=type=cache,id=c,target=/c,sharing={sharing}"
    stage = f"FROM base AS {{0}}\n{mount} ls /c >/{{0}}; touch /c/{{0}};"
    alone = "for i in 1 2 3 4 5; do ls /c >>/{0}; sleep 0.1; done"
    stages = "".join(f"{stage}{alone}\n".format(name) for name in ("a", "b"))
    copies = "COPY --from=a /a /x/\nCOPY --from=b /b /x/\n"
    made = build(f"{stages}FROM base\n{copies}")
    seen = inside(person, store, made, "cat", "/x/a", "/x/b").split()
    if sharing == "private":
        assert (seen.count("a"), seen.count("b")) == (5, 5), "each has its own"
    else:
        assert sorted((seen.count("a"), seen.count("b"))) == [5, 11], "one by one"


@pytest.mark.parametrize("person", ["full"], indirect=True)
def test_the_disk_use_of_caches_is_told(
    person: Person, store: Path, build: Build, plashui: Run
) -> None:
    mount = "--mount=type=cache,target=/c"
    build(f"FROM base\nRUN {mount} head -c 1000000 /bin/busybox >/c/x")
    told = json.loads(plashui("df", "--json").stdout)
    assert told["caches"] == du(person, store / "volumes") - du_of_one(store)
    assert told["total"] == du(person, store)
    assert "in caches of builds" in plashui("df").stdout


def du_of_one(store: Path) -> int:
    """What the directory of the caches takes itself."""
    return (store / "volumes").stat().st_blocks * 512


def test_a_step_uses_the_keys_of_an_ssh_agent_which_nothing_keeps(
    person: Person, store: Path, context: Path, build: Build, plashui: Run
) -> None:
    socket = context.parent / "agent"
    words = ["ssh-agent", "-D", "-a", socket.name]  # a long path is none of a socket
    agent = person.start(words, cwd=socket.parent, stdout=subprocess.DEVNULL)
    try:
        wait_for(socket.is_socket, "the agent")
        text = (
            "FROM base\nRUN --mount=type=ssh,required test -S $SSH_AUTH_SOCK"
            " && ! rm $SSH_AUTH_SOCK && echo ran >/n\n"
        )
        given = f"default={socket}"
        made = build(text, "--ssh", given)
        assert inside(person, store, made, "cat", "/n") == "ran\n"
        changed = plashui("diff", made).stdout.splitlines()
        assert [line.split()[-1] for line in changed] == ["/n"]
        assert socket.is_socket()
        grep = ["grep", "-rl", str(socket), store / "index", store / "memory"]
        assert person.run([person.bin / "plash", "sudo", *grep]).stdout == ""
        said = build(
            f"{text}RUN --mount=type=ssh ls /none\n", "--ssh", given, fails=True
        )
        assert "/none" in said
        kept = list((store / "kept").glob("*/session.json"))
        assert all(str(socket) not in one.read_text() for one in kept)
    finally:
        agent.terminate()
        agent.wait()
    assert "Pass --ssh default" in build(text, fails=True)
    assert leftovers(store) == []
