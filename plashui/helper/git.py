"""The program git: finding out which commit a name means, and fetching one."""

from __future__ import annotations

import os
from collections.abc import Sequence

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.terminal_text import clean
from plashui.helper.process import wait_for_children

if TYPE_CHECKING:
    from typing import Final

    from plashui.base.progress import Cancel

_ENVIRONMENT: Final = {
    "GIT_ALLOW_PROTOCOL": "http:https:git:ssh",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
    "LC_ALL": "C",
}
_SETTINGS: Final = (
    *("core.hooksPath=/dev/null", "core.fsmonitor=false", "core.symlinks=true"),
    *("core.fileMode=true", "core.autocrlf=false", "advice.detachedHead=false"),
    *("init.defaultBranch=main", "transfer.fsckObjects=true", "gc.auto=0"),
)
"""What a repository could make it run is off, as are changes of the files."""
_SAID: Final = 1 << 16
_COMMITS: Final = (40, 64)
"""The numbers of digits of a commit: of SHA-1 and of SHA-256."""


class Fetched(NamedTuple):
    """A commit, and the full name by which a server knows it, if it has one."""

    commit: str
    name: str = ""


def is_commit(text: str) -> bool:
    """Return whether a text is the whole digest of a commit."""
    return len(text) in _COMMITS and not text.strip("0123456789abcdef")


def commit_of(url: str, reference: str, cancel: Cancel | None = None) -> Fetched:
    """Return the commit that a branch or a tag is now; "" is the repository's own."""
    if is_commit(reference):
        return Fetched(reference)
    said = _git(["ls-remote", "--", url], cancel, f"cannot read {shown(url)}")
    pairs = (line.partition("\t") for line in said.splitlines())
    names = {name: digest for digest, _tab, name in pairs if is_commit(digest)}
    if not reference:
        wanted = ["HEAD"]
    else:
        before = ("refs/tags/", "refs/heads/", "refs/", "")
        wanted = [f"{place}{reference}" for place in before]
    for name in wanted:
        if name in names:
            return Fetched(names.get(f"{name}^{{}}", names[name]), name)
    raise PlashError(
        f"there is no branch, tag or commit {clean(reference or 'HEAD')} in"
        f" {shown(url)}",
        "A commit is written with all of its digits",
    )


def check_out(
    url: str, wanted: Fetched, place: str, cancel: Cancel | None = None
) -> None:
    """Put the files of a commit, and of its submodules, into an empty directory."""
    trouble = f"cannot fetch {shown(url)}"
    _git(["init", "-q", place], cancel, trouble)
    inside = ["-C", place]
    _git([*inside, "remote", "add", "origin", "--", url], cancel, trouble)
    shallow = [*inside, "fetch", "-q", "--depth=1", "origin"]
    try:
        _git([*shallow, wanted.name or wanted.commit], cancel, trouble)
    except PlashError as error:
        if isinstance(error, Cancelled):
            raise
        # A server that only gives whole histories, or no commit by its digest.
        refs = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
        named = [f"+{wanted.name}:refs/plash"] if wanted.name else []
        _git([*inside, "fetch", "-q", "origin", *refs, *named], cancel, trouble)
    _git([*inside, "checkout", "-q", "--detach", wanted.commit], cancel, trouble)
    if os.path.lexists(f"{place}/.gitmodules"):
        words = ["submodule", "-q", "update", "--init", "--recursive", "--force"]
        _git([*inside, *words], cancel, trouble)


def _git(words: Sequence[str], cancel: Cancel | None, trouble: str) -> str:
    """Run it; return what it answers, or raise PlashError with what it says."""
    import subprocess
    import tempfile

    wait_for_children()
    settings = [word for one in _SETTINGS for word in ("-c", one)]
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                ["git", *settings, *words],
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=said,
                env={**os.environ, **_ENVIRONMENT},
            )
        except OSError as error:
            raise PlashError(
                f"{trouble}: git: {error.strerror}", "Install git"
            ) from None
        if cancel is not None:
            cancel.on_cancel(process.terminate)
        try:
            process.wait()
        except BaseException:
            process.terminate()
            raise
        finally:
            process.wait()
            if cancel is not None:
                cancel.forget(process.terminate)
        if cancel is not None and cancel.is_set():
            raise Cancelled
        if process.returncode:
            said.seek(0)
            text = said.read(_SAID).decode("utf-8", "replace")
            raise PlashError(f"{trouble}: git says: {_why(text)}")
        answer.seek(0)
        return answer.read().decode("utf-8", "surrogateescape")


def _why(said: str) -> str:
    """Return the error in what git says, which may have several lines."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    begins = [at for at, line in enumerate(lines) if line.startswith("fatal: ")]
    told = lines[begins[0] :] if begins else lines[-1:]
    return clean(" ".join(told).removeprefix("fatal: "))[:300] or "it failed"


def shown(url: str) -> str:
    """Return a URL without its password."""
    scheme, sign, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if sign and "@" in host:
        url = f"{scheme}{sign}{host.rpartition('@')[2]}{slash}{path}"
    return clean(url)
