"""A token server for docker-registry on 127.0.0.1 (distribution's token auth).

Tokens are JWTs, signed by openssl with the key whose certificate the registry trusts.
"""

from __future__ import annotations

import base64
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

SERVICE: Final = "the registry"
ISSUER: Final = "plashui tests"


@dataclass
class TokenServer:
    """Who may have tokens: everybody for `public/`, users with their passwords for all.

    `refresh` are identity tokens and whose they are; `asked` what it was asked: method,
    scopes and who asked. `lifetime` is that of its tokens.
    """

    key: Path
    certificate: Path
    users: dict[str, str] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=dict)
    lifetime: int = 300
    asked: list[tuple[str, list[str], str]] = field(default_factory=list)
    port: int = 0

    def realm(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/token"

    def token(self, scopes: list[str], user: str) -> str:
        """A token for what of these scopes this user may do."""
        access = []
        for scope in scopes:
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            wanted = set(actions.split(","))
            allowed = wanted if user else wanted & {"pull"}
            if user or name.startswith("public/"):
                access.append({"type": kind, "name": name, "actions": sorted(allowed)})
        now = int(time.time())
        der = b"".join(self.certificate.read_bytes().splitlines()[1:-1])
        head = {"typ": "JWT", "alg": "RS256", "x5c": [der.decode()]}
        claims = {
            **{"iss": ISSUER, "sub": user, "aud": SERVICE, "jti": "1"},
            **{"exp": now + self.lifetime, "nbf": now - 10, "iat": now},
            "access": access,
        }
        words = b".".join(_encoded(json.dumps(x).encode()) for x in (head, claims))
        signing = ["openssl", "dgst", "-sha256", "-sign", str(self.key)]
        signed = subprocess.run(signing, input=words, capture_output=True, check=True)
        return b".".join((words, _encoded(signed.stdout))).decode()


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Give a token to whoever has the right password, or none."""
        words = parse_qs(urlsplit(self.path).query)
        site = self.server.site
        said = self.headers["Authorization"] or ""
        user, _, password = (
            base64.b64decode(said.removeprefix("Basic ")).decode().partition(":")
        )
        scopes = words.get("scope", [])
        site.asked.append(("GET", scopes, user))
        if said and site.users.get(user) != password:
            self._answer(401, {"errors": [{"code": "DENIED", "message": "who?"}]})
        elif words.get("service") != [SERVICE]:
            self._answer(400, {"details": "no such service"})
        else:
            self._answer(200, {"token": site.token(scopes, user)})

    def do_POST(self) -> None:
        """Give a token for an identity token."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        words = parse_qs(body)
        site = self.server.site
        user = site.refresh.get("".join(words.get("refresh_token", [])), "")
        scopes = "".join(words.get("scope", [])).split()
        site.asked.append(("POST", scopes, user))
        if not user or words.get("grant_type") != ["refresh_token"]:
            self._answer(401, {"errors": [{"code": "DENIED", "message": "who?"}]})
        else:
            self._answer(200, {"access_token": site.token(scopes, user)})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps({**body, "expires_in": self.server.site.lifetime}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: TokenServer


@contextmanager
def serving_tokens(site: TokenServer) -> Iterator[TokenServer]:
    """The server, on a port of its own, until the block ends."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.site = site
        site.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
