"""Debian's docker-registry on 127.0.0.1: plain, with passwords over TLS, with tokens.

All three have the same images, since they share one storage.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.token_server import ISSUER, SERVICE, TokenServer, serving_tokens
from tests.tools import wait_for

PROGRAMS: Final = ("docker-registry", "skopeo", "umoci", "htpasswd", "openssl")
"""What they need; htpasswd is in Debian's apache2-utils, each other in its own."""

USER: Final = "ada"
PASSWORD: Final = "pass:word, of Ada"  # noqa: S105
"""The login of the registries that want one; the password has a colon and a comma."""


@dataclass
class Registries:
    """The three registries, as HOST:PORT, and what belongs to them.

    `safe` wants the password, and its certificate is `authority`; `tokens` wants those
    of `token_server`, which gives them to everybody for what is below `public/`.
    """

    directory: Path
    plain: str
    safe: str
    tokens: str
    authority: Path
    token_server: TokenServer

    def put(self, source: str, name: str, *options: str) -> None:
        """Copy an image there by skopeo; `source` as in `oci:DIR:TAG`.

        It stays to the byte as it is, unless options like `--format` change it: skopeo
        by itself takes blobs of another compression that it knows to be there.
        """
        words = ["skopeo", "--insecure-policy", "copy", "--quiet"]
        words += options or ["--preserve-digests"]
        words += ["--dest-no-creds", "--dest-tls-verify=false"]
        words += [source, f"docker://{self.plain}/{name}"]
        _done(words)

    def put_files(self, name: str, *layers: dict[str, str]) -> None:
        """Make an image by umoci whose layers have these files, and put it there."""
        layout = self.directory / "layouts" / re.sub(r"\W", "-", name)
        shutil.rmtree(layout, ignore_errors=True)
        layout.parent.mkdir(exist_ok=True)
        image = f"{empty_layout(layout)}:it"
        for files in layers:
            tree = layout / "files"
            for path, text in files.items():
                (tree / path).parent.mkdir(parents=True, exist_ok=True)
                (tree / path).write_text(text)
            _done(["umoci", "insert", "--rootless", "--image", image, str(tree), "/"])
            shutil.rmtree(tree)
        self.put(f"oci:{image}", name)


def empty_layout(layout: Path) -> Path:
    """Make an OCI layout with an image without layers, named `it`."""
    _done(["umoci", "init", "--layout", str(layout)])
    _done(["umoci", "new", "--image", f"{layout}:it"])
    return layout


def _done(words: list[str]) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stderr}"


@contextmanager
def running(directory: Path) -> Iterator[Registries]:
    """Start them, with what they keep below a new directory; stop them at the end."""
    directory.mkdir()
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += ["-subj", "/CN=plashui tests", "-addext", "subjectAltName=IP:127.0.0.1"]
    _done([*words, "-keyout", str(key), "-out", str(certificate)])
    certificate.chmod(0o644)
    passwords = directory / "htpasswd"
    _done(["htpasswd", "-cBbC", "4", str(passwords), USER, PASSWORD])
    basic = {"htpasswd": {"realm": "tests", "path": str(passwords)}}
    tls = {"certificate": str(certificate), "key": str(key)}
    users = {USER: PASSWORD}
    with ExitStack() as stack:
        server = stack.enter_context(
            serving_tokens(TokenServer(key, certificate, users, {"refresh-me": USER}))
        )
        token = {"realm": server.realm(), "service": SERVICE, "issuer": ISSUER}
        token |= {"rootcertbundle": str(certificate)}

        def start(name: str, **more: Mapping[str, object]) -> str:
            return stack.enter_context(_registry(directory, name, **more))

        yield Registries(
            directory,
            start("plain"),
            start("safe", auth=basic, http={"tls": tls}),
            start("tokens", auth={"token": token}),
            certificate,
            server,
        )


@contextmanager
def _registry(
    directory: Path, name: str, **more: Mapping[str, object]
) -> Iterator[str]:
    """One docker-registry, as HOST:PORT."""
    config = {
        "version": 0.1,
        "log": {"level": "info"},
        "storage": {"filesystem": {"rootdirectory": str(directory / "storage")}},
        **more,
        "http": {"addr": "127.0.0.1:0", **more.get("http", {})},
    }
    file = directory / f"{name}.yml"
    file.write_text(json.dumps(config))  # JSON is YAML
    log = directory / f"{name}.log"
    # It ends with the process that runs the tests, even if that is killed.
    words = ["setpriv", "--pdeathsig", "KILL", "--", "docker-registry", "serve"]
    with open(log, "wb") as output:
        server = subprocess.Popen(
            [*words, str(file)], stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
    try:

        def port() -> str | None:
            assert server.poll() is None, log.read_text()
            found = re.search(r"listening on 127\.0\.0\.1:(\d+)", log.read_text())
            return found and found[1]

        wait_for(port, f"the registry {name}")
        yield f"127.0.0.1:{port()}"
    finally:
        server.kill()
        server.wait()
