"""What Containerfiles compile to: stages, steps, and changes of the config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plashui.base.errors import PlashError
from plashui.model.platform import this_machine
from plashui.recipes.containerfile.compile import Given, compile_file
from plashui.recipes.containerfile.parse import parse
from plashui.recipes.plan import (
    Configure,
    Context,
    Copy,
    FromImage,
    FromStage,
    Git,
    Mount,
    OfImage,
    OfStage,
    Run,
    Scratch,
    Stage,
    Step,
    Text,
    Web,
    config_after,
)
from tests.recipes.containerfile.test_parse import PIECES
from tests.recipes.drawn import DRAWN

CONTEXT = Context("/context")
SHELL = ("/bin/sh", "-c")


def stages(text: str, **options: Any) -> tuple[Stage, ...]:
    data = parse(text.encode(), "Containerfile")
    return compile_file(data, "Containerfile", Given(CONTEXT, **options)).plan.stages


def steps(
    text: str, config: Mapping[str, Any] | None = None, **options: Any
) -> tuple[Step, ...]:
    return stages(text, **options)[-1].steps(config or {})


def config(
    text: str, before: Mapping[str, Any] | None = None, **options: Any
) -> dict[str, Any]:
    return config_after(before or {}, steps(text, before, **options))


def the_run(text: str, before: Mapping[str, Any] | None = None, **options: Any) -> Run:
    (run,) = [one for one in steps(text, before, **options) if isinstance(one, Run)]
    return run


def the_copy(text: str, before: Mapping[str, Any] | None = None) -> Copy:
    (copy,) = [one for one in steps(text, before) if isinstance(one, Copy)]
    return copy


def refused(text: str, **options: Any) -> str:
    with pytest.raises(PlashError) as caught:
        steps(text, **options)
    return str(caught.value)


def test_stages_are_named_and_numbered() -> None:
    first, second, third, last = stages(
        "FROM a AS One\nFROM one\nFROM scratch AS Empty\nFROM b\nCOPY --from=1 /x /\n"
        "COPY --from=ONE /x /\nCOPY --from=elsewhere /x /\n"
    )
    assert (first.name, first.base) == ("one", FromImage("a"))
    assert (second.name, second.base) == ("1", FromStage("one"))
    assert third.base == Scratch()
    sources = [step.sources[0][0] for step in last.steps({}) if isinstance(step, Copy)]
    assert sources == [OfStage("1"), OfStage("one"), OfImage("elsewhere")]


def test_a_target_ends_the_plan() -> None:
    text = "FROM a AS x\nFROM b AS y\nFROM c AS z"
    assert [one.name for one in stages(text, target="Y")] == ["x", "y"]
    assert [one.name for one in stages(text, target="0")] == ["x"]
    assert "there is no stage yy. Did you mean y?" in refused(text, target="yy")


def test_args_before_from_are_for_from_only() -> None:
    text = "ARG A=1\nARG B=${A}2\nFROM x:$B\nRUN $A"
    (stage,) = stages(text)
    assert stage.base == FromImage("x:12")
    assert the_run(text).environment == ()
    assert the_run("ARG A=1\nFROM x\nARG A\nRUN b").environment == (("A", "1"),)


def test_the_platform_is_known_where_it_is_asked_for() -> None:
    text = (
        "FROM --platform=$BUILDPLATFORM x\nARG TARGETARCH\nENV A=$TARGETARCH$TARGETOS"
    )
    assert config(text)["Env"] == [f"A={this_machine().architecture}"]
    assert "cannot run its programs" in refused("FROM --platform=linux/s390x x")
    assert "is not a platform" in refused("FROM --platform=x x")


def test_the_environment_of_the_base_is_known() -> None:
    before = {"Env": ["PATH=/bin", "A=base"]}
    text = "FROM x\nARG A=arg\nENV B=$A PATH=$PATH:/mine\nARG C=$B\nRUN y"
    assert config(text, before)["Env"] == ["PATH=/bin:/mine", "A=base", "B=base"]
    assert the_run(text, before).environment == (("C", "base"),)


def test_arguments_reach_commands_and_not_the_image() -> None:
    given = {"A": "given", "http_proxy": "p", "NOBODY": "x"}
    text = "FROM x\nARG A=1\nARG E\nRUN y\nENV B=$http_proxy$A"
    run = the_run(text, arguments=given)
    assert run.environment == (("A", "given"),)
    assert run.unkeyed == (("http_proxy", "p"),), "a proxy changes nothing"
    asked = the_run("FROM x\nARG http_proxy\nRUN y", arguments=given)
    assert asked.environment == (("http_proxy", "p"),)
    assert asked.unkeyed == ()
    assert config(text, arguments=given)["Env"] == ["B=given"]
    data = parse(text.encode(), "f")
    unused = compile_file(data, "f", Given(CONTEXT, given)).unused
    assert unused == ("NOBODY",)


def test_commands_are_for_the_shell_that_is_set() -> None:
    text = (
        'FROM x\nRUN a\nSHELL ["/s", "-e"]\nRUN b\nRUN ["c"]\nCMD d\nENTRYPOINT ["e"]'
    )
    commands = [one.command for one in steps(text) if isinstance(one, Run)]
    assert commands == [(*SHELL, "a"), ("/s", "-e", "b"), ("c",)]
    assert config(text)["Cmd"] == ["/s", "-e", "d"]
    assert config(text)["Shell"] == ["/s", "-e"]


def test_an_entrypoint_forgets_the_command_of_the_base() -> None:
    before = {"Cmd": ["base"], "Entrypoint": ["base"]}
    assert config('FROM x\nENTRYPOINT ["e"]', before) == {"Entrypoint": ["e"]}
    assert config('FROM x\nCMD ["c"]\nENTRYPOINT ["e"]', before) == {
        **{"Cmd": ["c"], "Entrypoint": ["e"]}
    }
    assert config("FROM x\nENTRYPOINT []", before) == {}


def test_what_is_more_in_the_config() -> None:
    found = config(
        "FROM x\nLABEL a=b\nUSER joe\nVOLUME /v\nEXPOSE 80-81 53/UDP\nSTOPSIGNAL 9\n"
        "HEALTHCHECK --retries=2 CMD x y",
        {"Labels": {"c": "d"}, "Volumes": {"/w": {}}, "ExposedPorts": {"1/tcp": {}}},
    )
    assert found == {
        "Labels": {"c": "d", "a": "b"},
        "User": "joe",
        "Volumes": {"/w": {}, "/v": {}},
        "ExposedPorts": {"1/tcp": {}, "80/tcp": {}, "81/tcp": {}, "53/udp": {}},
        "StopSignal": "9",
        "Healthcheck": {"Test": ["CMD-SHELL", "x y"], "Retries": 2},
    }


def test_a_maintainer_is_the_author_of_the_image() -> None:
    (step,) = steps("FROM x\nMAINTAINER me & you")
    assert isinstance(step, Configure)
    assert (step.author, step.changes) == ("me & you", {})


def test_a_working_directory_is_made_for_the_user() -> None:
    text = "FROM x\nWORKDIR a\nUSER joe\nWORKDIR ../b"
    made = [(one.target, one.owner) for one in steps(text) if isinstance(one, Copy)]
    assert made == [("/a/", ""), ("/b/", "joe")]
    assert config(text)["WorkingDir"] == "/b"
    assert not [one for one in steps("FROM x\nWORKDIR /") if isinstance(one, Copy)]


def test_triggers_of_the_base_come_first_and_once() -> None:
    before = {"OnBuild": ["ENV A=1", "RUN cat <<E\nhi\nE", "COPY . /app"]}
    found = steps("FROM x\nONBUILD RUN later\nRUN last", before)
    assert [one.shown for one in found] == [
        *("ENV A=1", "RUN cat <<E", "COPY . /app", "ONBUILD"),
        *("ONBUILD RUN later", "RUN last"),
    ]
    assert config_after(before, found)["OnBuild"] == ["RUN later"]


def test_heredocs_are_scripts_or_files() -> None:
    assert the_run("FROM x\nRUN <<E\na\nb\nE").command == (*SHELL, "a\nb\n")
    python = the_run("FROM x\nRUN <<-E\n\t#!/usr/bin/env python3\n\tp\nE")
    assert python.command == ("/usr/bin/env", "python3")
    assert python.script == "#!/usr/bin/env python3\np\n"
    both = the_run("FROM x\nRUN cat <<A - <<B\n1\nA\n2\nB")
    assert both.command == (*SHELL, "cat <<A - <<B\n1\nA\n2\nB")
    copy = the_copy("FROM x\nENV V=v\nCOPY <<A <<'B' /d/\n$V \"\\$V\"\nA\n$V\nB")
    assert copy.sources == ((Text("A", b'v "$V"\n'), ""), (Text("B", b"$V\n"), ""))


def test_a_copy_says_what_goes_where() -> None:
    copy = the_copy(
        "FROM x\nENV S=src O=joe\n"
        "COPY --chown=$O:1 --chmod=0644 --exclude=*.o $S/a 'b' d",
        {"WorkingDir": "/w"},
    )
    assert copy.sources == ((CONTEXT, "src/a"), (CONTEXT, "b"))
    assert (copy.target, copy.owner, copy.mode) == ("/w/d", "joe:1", 0o644)
    assert (copy.excluded, copy.unpack) == (("*.o",), False)
    for written, meant in ((".", "/w/"), ("/", "/"), ("a/.", "/w/a/"), ("/b/", "/b/")):
        found = steps(f"FROM x\nCOPY a {written}", {"WorkingDir": "/w"})[0]
        assert isinstance(found, Copy)
        assert found.target == meant


def test_add_fetches_and_unpacks() -> None:
    url = "https://example.org/a.tgz"
    digest = f"sha256:{'a' * 64}"
    copy = the_copy(f"FROM x\nADD --checksum={digest} {url} /d/")
    assert copy.sources == ((Web(url, digest), ""),)
    assert the_copy("FROM x\nADD a.tgz /d/").unpack
    assert not the_copy("FROM x\nADD --unpack=false a.tgz /d/").unpack


def test_a_mode_is_a_number_or_as_chmod_takes_it() -> None:
    for text, mode in (("0644", 0o644), ("u=rwX,go-w", "u=rwX,go-w"), ("+x", "+x")):
        assert the_copy(f"FROM x\nCOPY --chmod={text} a b").mode == mode


def test_add_takes_repositories() -> None:
    url, commit = "https://example.org/a/b.git", "a" * 40
    for word, source, path in (
        (url, Git(url), ""),
        (f"{url}#v1:sub/dir", Git(url, "v1"), "sub/dir"),
        ("git@example.org:a/b.git#x", Git("git@example.org:a/b.git", "x"), ""),
        (f"--checksum={commit} {url}", Git(url, "", commit), ""),
        (f"--keep-git-dir=true {url}", Git(url, keeps_repository=True), ""),
    ):
        copy = the_copy(f"FROM x\nADD {word} /d")
        assert copy.sources == ((source, path),)
    web = the_copy("FROM x\nADD https://example.org/a.git.txt /d")
    assert web.sources == ((Web("https://example.org/a.git.txt"), ""),)


def test_mounts_are_what_they_say() -> None:
    run = the_run(
        "FROM x AS s\nFROM x\nENV D=/d\n"
        "RUN --mount=type=cache,target=$D,id=c,mode=0700,uid=5,sharing=locked"
        " --mount=from=s,src=/a,dst=b,rw --mount=target=/ctx"
        " --mount=type=tmpfs,target=/t,size=1m"
        " --mount=type=secret,id=k --mount=type=secret,id=k,env=K"
        " --mount=type=secret,id=none x",
        {"WorkingDir": "/w"},
        secrets={"k": "/host/k"},
    )
    secret = Mount("secret", "/run/secrets/k", path="/host/k", name="k", mode=0o400)
    assert run.mounts == (
        Mount(
            *("cache", "/d"),
            name="c",
            writable=True,
            mode=0o700,
            user=5,
            sharing="locked",
        ),
        Mount("bind", "/w/b", OfStage("s"), "/a", writable=True),
        Mount("bind", "/ctx", CONTEXT, ""),
        Mount("tmpfs", "/t", writable=True, size=1 << 20),
        secret,
        secret._replace(target="", variable="K"),
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "there is no FROM in it"),
        ("RUN x\nFROM y", "line 1: no image to build on"),
        ("FROM $X", "line 1: the image $X has no name"),
        ("FROM x AS a\nFROM y AS A", "line 2: two stages are called a"),
        ("FROM x AS a\nCOPY --from=a b c", "line 2: --from=a is this one itself"),
        ("FROM x\nCOPY --from=b b c\nFROM y AS b", "is one that comes later"),
        ("FROM x\nCOPY --from=7 b c", "line 2: there is no stage 7"),
        ("FROM x\nENV A=${B", "line 2: ${B…} is not known"),
        ("FROM x\nENV A='b", "line 2: a single quote is not closed"),
        ("FROM x\nCOPY --chmod=u+k a b", "line 2: --chmod=u+k is not a mode"),
        ("FROM x\nCOPY --chmod=0888 a b", "--chmod=0888 is not a mode"),
        ("FROM x\nADD https://example.org/a.git#-x /c", "-x is not a branch"),
        ("FROM x\nADD --checksum=a1 git@x:y /c", "a1 is not a commit"),
        ("FROM x\nADD --checksum=md5:1 https://example.org/a /c", "64 digits"),
        ("FROM x\nADD --checksum=sha256:1 a /c", "of the web only"),
        ("FROM x\nEXPOSE 0", "line 2: 0 is not a port"),
        ("FROM x\nEXPOSE 127.0.0.1:80:80", "is not a port"),
        ("FROM x\nSTOPSIGNAL SIGX", "no signal SIGX"),
        ("FROM x\nUSER ${NO}", "USER is empty"),
        (f"FROM x\nRUN <<E\n{'a' * 140_000}\nE", "longer than the 128 KiB"),
        ("FROM x\nRUN --mount=type=ssh,uid=1 x", "type ssh has no uid"),
        ("FROM x\nRUN --mount=type=ssh,required x", "Pass --ssh default"),
        ("FROM x\nRUN --mount=type=cach,target=/c x", "Did you mean cache?"),
        ("FROM x\nRUN --mount=type=cache x", "--mount needs target="),
        ("FROM x\nRUN --mount=type=tmpfs,target=/t,uid=1 x", "has no uid"),
        ("FROM x\nRUN --mount=type=cache,target=/t,uid=x x", "not a number"),
        ("FROM x\nRUN --mount=type=bind,target=/t,ro=maybe x", "neither true nor"),
        ("FROM x\nRUN --mount=type=bind,from=$A,target=/t x", "not replaced in from="),
        ("FROM x\nRUN --mount=type=secret,id=s,required x", "Pass --secret id=s"),
        ("FROM x\nRUN --mount=target x", "it is not KEY=VALUE"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, why: str) -> None:
    said = refused(text)
    assert said.startswith("Containerfile")
    assert why in said


@DRAWN
@given(st.lists(PIECES, max_size=20).map("".join))
def test_any_file_compiles_or_is_refused(text: str) -> None:
    said = ""
    try:
        for stage in stages(f"FROM x\n{text}"):
            stage.steps({"Env": ["A=b"], "OnBuild": [text]})
    except PlashError as error:
        said = str(error)
    assert not said or "line " in said or said.startswith("Containerfile: ")
