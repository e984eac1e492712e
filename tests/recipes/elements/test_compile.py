"""Definition files mean what elements makes of them; what is not supported is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plashui.base.errors import PlashError
from plashui.recipes.elements.compile import Compiled, compiled
from plashui.recipes.plan import Configure, Copy, FromImage, Run, Scratch, Text
from plashui.store.store import Store

WHOLE = """\
#Elements.name: server
#Elements.args: docroot:bind>/srv:ro port:env>PORT:int -H:env>HOST \\
#               -v:env>VERBOSE:bool -d:bind>/data -n:instance -o:output

# A comment like any other.
#Elements.bind: $docroot/site.conf:/srv/site.conf:ro \\
#               $d/kept.txt:/data/kept.txt:ro
Bootstrap: docker
#Elements.env: TEST=hello KEY:int=$HOST_VAR \\
#      #       NOT_THIS=one \\
#              CONF=$HOST/.config.yml BARE 'WORDS=two words'
#Elements.ps1-color: 11
#Elements.resolv: no
#Elements.root-copyup: true
#Elements.terminal: true

From: alpine:3.20

%files
 hello.txt /hello.txt
 # not this
 conf /etc/
 'a b'

%post
 mkdir /data
 echo done

%environment
 export LANG=C.UTF-8

%labels
 org.example.team  shop
 plain

%runscript
 exec /exec env "$@"

%help
 Some words.
"""


def compile_(place: Path, text: str) -> Compiled:
    (place / "conf").mkdir(exist_ok=True)
    path = place / "element.def"
    path.write_text(text)
    return compiled(Store(place / "store"), path)


def steps_of(found: Compiled, config: dict[str, Any] | None = None) -> list[Any]:
    return list(found.plan.stages[-1].steps(config or {}))


def test_the_keys_become_options_of_the_app(tmp_path: Path) -> None:
    found = compile_(tmp_path, WHOLE)
    options = found.options
    assert (options.name, options.prompt, options.root) == ("server", 11, "copy")
    assert (options.network, options.resolv) == (True, False)
    assert options.arguments == (
        *("docroot:bind>/srv:ro", "port:env>PORT:int", "-H:env>HOST"),
        *("-v:env>VERBOSE:bool", "-d:bind>/data", "-n:instance", "-o:output"),
    )
    assert options.binds == (
        "$docroot/site.conf:/srv/site.conf:ro",
        "$d/kept.txt:/data/kept.txt:ro",
    )
    own = [word for word in options.variables if not word.startswith("ELEMENTS_")]
    assert own == [
        *("TEST=hello", "KEY:int=$HOST_VAR", "CONF=$HOST/.config.yml"),
        *("BARE=", "WORDS=two words"),
    ]
    assert "ELEMENTS_ID=$APP_ID" in options.variables
    assert found.said == ("element.def, line 39: %help is left out",)


def test_the_sections_become_steps(tmp_path: Path) -> None:
    found = compile_(tmp_path, WHOLE)
    assert found.plan.stages[0].base == FromImage("oci:alpine:3.20")
    steps = steps_of(found, {"Cmd": ["/bin/sh"], "Labels": {"old": "1"}})
    copies = {step.target: step for step in steps if isinstance(step, Copy)}
    assert {"/hello.txt", "/etc/conf", "/a b", "/out/", "/exec", "/sh"} <= copies.keys()

    def text(path: str) -> bytes:
        ((source, _path),) = copies[f"/.singularity.d/{path}"].sources
        assert isinstance(source, Text)
        return source.content

    assert text("env/90-environment.sh") == b" export LANG=C.UTF-8\n\n"
    assert text("runscript").startswith(b'#!/bin/sh\n exec /exec env "$@"\n')
    (post,) = [step for step in steps if isinstance(step, Run)]
    assert "\n mkdir /data\n echo done\n" in post.script
    assert post.places[0] == (2, post.at._replace(line=26))
    config = steps[-1]
    assert isinstance(config, Configure)
    assert config.changes == {
        "Entrypoint": ["/.singularity.d/actions/run"],
        "Cmd": None,
        "Labels": {"old": "1", "org.example.team": "shop", "plain": ""},
    }


def test_without_a_runscript_the_image_says_what_runs(tmp_path: Path) -> None:
    found = compile_(tmp_path, "Bootstrap: docker\nFrom: x\n")
    last = steps_of(found, {"Entrypoint": ["/bin/server"], "Cmd": ["-x"]})[-1]
    assert last.changes == {
        "Entrypoint": ["/.singularity.d/actions/exec", "/bin/server"]
    }
    assert found.options.name == "element"


def test_shells_of_sections_are_those_behind_c(tmp_path: Path) -> None:
    text = "Bootstrap: scratch\n%post -c /bin/bash\n true\n%runscript -c /bin/ash\n x\n"
    found = compile_(tmp_path, text)
    assert found.plan.stages[0].base == Scratch()
    steps = steps_of(found)
    assert [s.command for s in steps if isinstance(s, Run)] == [("/bin/bash",)]
    sources = [one for s in steps if isinstance(s, Copy) for one, _path in s.sources]
    texts = [one.content for one in sources if isinstance(one, Text)]
    assert b"#!/bin/ash\n x\n\n" in texts


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("From: x\n", "element.def has no `Bootstrap:` line"),
        ("Bootstrap: docker\n", "element.def, line 1: there is no `From:` line"),
        ("Bootstrap: yum\nFrom: x\n", "line 1: Bootstrap: yum is not supported"),
        ("Bootstrap: docker\nFrom: x\nStage: b\n", "line 3: `Stage:` is not supported"),
        (
            "Bootstrap: docker\nFrom: x\nFrom: y\n",
            "line 3: From is there twice: stages",
        ),
        ("Bootstrap: docker\nFrom: x\nhello\n", "line 3: this is neither"),
        ("Bootstrap: docker\nFrom: x\n%setup\n", "line 3: %setup is not supported"),
        ("Bootstrap: docker\nFrom: x\n%appinstall a\n", "%appinstall is not supported"),
        ("Bootstrap: docker\nFrom: x\n%post\n%post\n", "line 4: %post is there twice"),
        (
            "Bootstrap: docker\nFrom: x\n%files from a\n",
            "line 3: %files from a is not supported",
        ),
        ("#Elements.colour: 1\n", "line 1: #Elements.colour is not known"),
        ("#Elements.args: x:mount\n", "line 1: #Elements.args: the kind is one of"),
        ("#Elements.args: 'x\n", "line 1: #Elements.args: no closing quotation"),
        ("\n#Elements.bind: a\n", "line 2: #Elements.bind: write SOURCE:/PLACE"),
        ("#Elements.env: 1=2\n", "line 1: #Elements.env: '1' is not the name"),
        ("#Elements.ps1-color: red\n", "line 1: #Elements.ps1-color is a number"),
        ("#Elements.resolv: maybe\n", "#Elements.resolv is true or false, not 'maybe'"),
        ("#Elements.name: a b\n", "line 1: #Elements.name: no app can be called 'a b'"),
    ],
)
def test_what_is_wrong_or_not_supported_is_named(
    tmp_path: Path, text: str, why: str
) -> None:
    if "Bootstrap" not in text and "From" not in text:
        text += "Bootstrap: docker\nFrom: x\n"
    with pytest.raises(PlashError) as error:
        compile_(tmp_path, text)
    assert why in str(error.value)


def test_a_wrong_line_of_files_is_named(tmp_path: Path) -> None:
    found = compile_(tmp_path, "Bootstrap: docker\nFrom: x\n%files\n a b c\n")
    with pytest.raises(PlashError, match="line 4: a line of %files is SOURCE or"):
        steps_of(found)
