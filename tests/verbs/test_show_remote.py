"""What a registry has is told without pulling it, with what refers to it there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.people import Person
from tests.registries import Registries
from tests.tools import images
from tests.transfer.oci.images import tar_of
from tests.transfer.registry.fake import Answer, Fake, serving
from tests.transfer.repository import MANIFEST, SBOM, SIGNATURE, Repository
from tests.transfer.test_remote_image import Shop
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn

EVIL: Final = "by \x1b]0;hand\x07\u202e"


@pytest.fixture
def name(registries: Registries, playground: Path) -> str:
    """An image in a repository of the test's own."""
    path = re.sub(r"[^a-z0-9]+", "-", f"seen{playground}".lower()).strip("-")
    registries.put_files(f"{path}:1", {"etc/one": "one\n" * 1000}, {"etc/two": "2"})
    return f"{registries.plain}/{path}:1"


@pytest.fixture
def repository(name: str) -> Repository:
    """The repository of that image."""
    host, _, path = name.removesuffix(":1").partition("/")
    return Repository(host, path)


def seen(plashui: Run, *words: str) -> Any:
    """What `show --remote --json` tells."""
    done = plashui("show", "--remote", "--json", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_what_refers_to_it_is_found_by_the_tag_in_a_registry_without_the_api(
    plashui: Run, store: Path, name: str, repository: Repository
) -> None:
    first = seen(plashui, name)
    assert first["referrers"] == []
    subject = {"mediaType": MANIFEST, "digest": first["digest"], "size": 1}
    sbom = repository.artifact(subject, SBOM, note=EVIL)
    repository.refer(first["digest"], sbom, repository.artifact(subject, SIGNATURE))
    found = seen(plashui, name)["referrers"]
    assert [one["artifact_type"] for one in found] == [SBOM, SIGNATURE]
    assert found[0] == {
        "subject": first["digest"],
        "digest": sbom["digest"],
        "size": sbom["size"],
        "media_type": MANIFEST,
        "artifact_type": SBOM,
        "annotations": {"note": EVIL},
    }
    only = seen(plashui, "--artifact-type", SIGNATURE, name)["referrers"]
    assert [one["artifact_type"] for one in only] == [SIGNATURE]
    text = plashui("show", "--remote", name).stdout
    assert f"  {sbom['digest'][7:19]}  {SBOM}\n" in text
    assert "note=by \\x1b]0;hand\\x07\\u202e\n" in text
    assert "\x1b" not in text
    by_digest = name.removesuffix(":1") + f"@{first['digest']}"
    assert seen(plashui, by_digest)["referrers"] == found
    assert images(store) == []


def test_layers_and_config_are_told_and_what_is_here_already(
    plashui: Run, name: str
) -> None:
    found = seen(plashui, name)
    assert found["reference"] == name
    assert found["platform"].startswith("linux/")
    assert [layer["here"] for layer in found["layers"]] == [False, False]
    assert found["fetch"] == sum(layer["size"] for layer in found["layers"])
    assert len(found["config"]["rootfs"]["diff_ids"]) == 2
    assert len([one for one in found["history"] if not one["empty_layer"]]) == 2
    image = plashui("pull:oci", name).stdout.strip()
    found = seen(plashui, name)
    assert [layer["here"] for layer in found["layers"]] == [True, True]
    assert (found["fetch"], found["image"]) == (0, int(image))
    lines = plashui("show", "--remote", name).stdout.splitlines()
    assert f"image         {image}" in lines
    assert "layers        2, 2 here already" in lines
    assert "layers, the lowest first" in lines
    own = json.loads(plashui("show", "--json", image).stdout)
    assert own["config"] == found["config"]


def test_looking_makes_no_store(person: Person, playground: Path, name: str) -> None:
    env = {"PLASH_DATA": str(playground / "none")}
    done = person.run([person.bin / "plash", "show", "--remote", name], env=env)
    assert done.returncode == 0, done.stderr
    assert not (playground / "none").exists()


def test_a_list_that_is_refused_is_an_error_and_the_rest_is_told(
    plashui: Run,
) -> None:
    with serving(Fake({"/v2/": Answer()})) as fake:
        shop = Shop(fake)
        digest = shop.image("it", [tar_of({"one": "1"})])
        shop.open("it")
        shop.refer(digest, [EVIL])
        words = ["show", "--remote", f"{fake.host}/a:it"]
        done, text = plashui(*words, "--json"), plashui(*words)
    assert (done.returncode, text.returncode) == (1, 1)
    assert json.loads(done.stdout)["referrers"] is None
    assert done.stderr.startswith("plash error: cannot use the list of referrers: ")
    assert done.stderr.count("\n") == 1
    assert "layers, the lowest first" in text.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--remote", "Debian"], "Try debian"),
        (["--remote", "--platform", "x", "debian"], "is not a platform"),
        (["--platform", "linux/amd64", "1"], "are for --remote"),
        (["--insecure", "x", "1"], "are for --remote"),
        (["--remote"], "ID"),
    ],
)
def test_wrong_words_are_refused_in_one_sentence(
    plashui: Run, words: list[str], says: str
) -> None:
    done = plashui("show", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr


def test_a_missing_login_is_said(
    person: Person, store: Path, registries: Registries, name: str
) -> None:
    safe = name.replace(registries.plain, registries.safe)
    env = {"PLASH_DATA": str(store), "SSL_CERT_FILE": str(registries.authority)}
    done = person.run([person.bin / "plash", "show", "--remote", safe], env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"plash login {registries.safe}" in done.stderr
