"""COPY and ADD: which files of what are copied where."""

from __future__ import annotations

import posixpath
import re

from plashui.base.light import TYPE_CHECKING
from plashui.recipes.context.modes import parsed as parsed_mode
from plashui.recipes.context.repository import is_repository
from plashui.recipes.context.repository import parsed as parsed_repository
from plashui.recipes.plan import Copy, Git, Text, Web

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.containerfile import instructions as i
    from plashui.recipes.containerfile.scope import Scope
    from plashui.recipes.containerfile.surrounding import Surrounding
    from plashui.recipes.plan import Source

_URL: Final = re.compile(r"https?://", re.IGNORECASE)
_SECRET_PARTS: Final = re.compile(
    r"(https?://)(?:[^/@\s]*@)?([^\s?]*)(?:\?\S*)?", re.IGNORECASE
)
"""A URL; its password, and what is behind a question mark, are not said or kept."""
_CHECKSUM: Final = re.compile(
    r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}"
)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def copy_of(one: i.Copy, scope: Scope, directory: str, around: Surrounding) -> Copy:
    """Return the step of an instruction; `directory` is the working directory."""
    line = one.line
    sources: list[tuple[Source, str]] = []
    for word in one.sources:
        sources.append(_source(one, scope, around, scope.expand(line, word)))
    for heredoc in one.heredocs:
        text = heredoc.text
        if heredoc.expands:
            text = scope.expand(line, text, quotes=False)
        content = text.encode("utf-8", "surrogateescape")
        sources.append((Text(heredoc.name, content), ""))
    checked = all(isinstance(source, Web | Git) for source, _word in sources)
    if one.checksum and not checked:
        raise line.error("--checksum is for files of the web only")
    return Copy(
        line.at,
        _SECRET_PARTS.sub(r"\1\2", line.text),
        tuple(sources),
        _target(directory, scope.expand(line, one.target)),
        owner=scope.expand(line, one.owner),
        mode=_mode(one, scope),
        unpack=one.adds if one.unpack is None else one.unpack,
        unpack_web=bool(one.unpack),
        parents=one.parents,
        excluded=tuple(scope.expand(line, word) for word in one.excluded),
    )


def _source(
    one: i.Copy, scope: Scope, around: Surrounding, word: str
) -> tuple[Source, str]:
    line = one.line
    checksum = scope.expand(line, one.checksum)
    if one.adds and is_repository(word):
        return _repository(one, word, checksum)
    if one.adds and _URL.match(word):
        if checksum and not _CHECKSUM.fullmatch(checksum):
            raise line.error(
                f"--checksum={checksum} is not a digest",
                "Write sha256: and its 64 digits; sha384: and sha512: are known, too",
            )
        return Web(word, checksum), ""
    if one.origin:
        return around.origin(line, scope.expand(line, one.origin)), word
    return around.context, word


def _repository(one: i.Copy, word: str, commit: str) -> tuple[Source, str]:
    url, reference, directory = parsed_repository(word)
    if commit and not _COMMIT.fullmatch(commit):
        raise one.line.error(
            f"--checksum={commit} is not a commit", "Write all of its digits"
        )
    if reference.startswith("-"):
        raise one.line.error(f"{reference} is not a branch, a tag or a commit")
    return Git(url, reference, commit, one.keeps_repository), directory


def _target(directory: str, text: str) -> str:
    """Return the target as an absolute path; it keeps its slash at the end."""
    place = posixpath.normpath(posixpath.join("/", directory, text))
    place = f"/{place.lstrip('/')}"
    ends = text.endswith("/") or text.rpartition("/")[2] in (".", "..", "")
    return f"{place}/" if ends and place != "/" else place


def _mode(one: i.Copy, scope: Scope) -> int | str | None:
    text = scope.expand(one.line, one.mode)
    mode = parsed_mode(text) if text else None
    if text and mode is None:
        raise one.line.error(
            f"--chmod={text} is not a mode", "Write 755 or u=rwX,go=rX"
        )
    return mode
