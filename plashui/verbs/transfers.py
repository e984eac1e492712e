"""The table of the verbs that bring images in and out."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.verbs.shared.verb import Verb

if TYPE_CHECKING:
    from typing import Final

_PULL_OPTIONS: Final = "[--name NAME] [--dry-run] [--json] [--jobs N] [--max-size SIZE]"
_PUSH_OPTIONS: Final = (
    "[--compression gzip|zstd|none] [--annotation KEY=VALUE] [--jobs N]"
)
_URL_OPTIONS: Final = "[--name NAME] [--jobs N] [--max-size SIZE] [--ref REF]"

TRANSFERS: Final = {
    "pull": Verb(
        "[--name NAME] WHAT",
        "an image from a registry, URL, file or directory, whichever it is",
        "pull debian:bookworm",
        makes=True,
        run="plashui.verbs.pulls.pull:run",
    ),
    "pull:tarfile": Verb(
        "[--name NAME] [FILE]",
        "an image from a root filesystem tar (or stdin)",
        "pull:tarfile debian.tar.zst",
        makes=True,
        run="plashui.verbs.pulls.pull_tarfile:run",
        helper="plain cases",
    ),
    "pull:url": Verb(
        f"[--sha256 HEX] [--platform OS/ARCH] {_URL_OPTIONS} URL",
        "what pull:file takes, over http(s), resumable",
        "pull:url https://example.org/root.tar.xz",
        makes=True,
        run="plashui.verbs.pulls.pull_url:run",
    ),
    "pull:oci": Verb(
        f"[--platform OS/ARCH] {_PULL_OPTIONS} [--insecure HOST] [--keep-blobs] NAME",
        "an image from a registry, layer by layer",
        "pull:oci debian:bookworm",
        makes=True,
        run="plashui.verbs.pulls.pull_oci:run",
    ),
    "pull:docker": Verb(
        f"{_PULL_OPTIONS} [--pull] IMAGE",
        "an image that docker (or podman) has",
        "pull:docker my-image",
        makes=True,
        run="plashui.verbs.pulls.pull_docker:run",
    ),
    "pull:podman": Verb(
        f"{_PULL_OPTIONS} [--pull] IMAGE",
        "an image that podman has",
        "pull:podman localhost/my-image",
        makes=True,
        run="plashui.verbs.pulls.pull_podman:run",
    ),
    "pull:file": Verb(
        f"[--platform OS/ARCH] {_PULL_OPTIONS} [--ref REF] FILE",
        "an image from an OCI layout, docker archive, tar, app or squashfs",
        "pull:file image.tar",
        makes=True,
        run="plashui.verbs.pulls.pull_file:run",
    ),
    "pull:lxc": Verb(
        "[--dry] [--name NAME] [--list] [--json] [DISTRO:RELEASE ...]",
        "an image from an image server of lxc; or what there is",
        "pull:lxc debian:trixie",
        makes=True,
        run="plashui.verbs.pulls.pull_lxc:run",
    ),
    "pull:dir": Verb(
        "[--name NAME] DIR",
        "an image from a copy of a directory",
        "pull:dir /srv/debian",
        makes=True,
        run="plashui.verbs.pulls.pull_dir:run",
    ),
    "pull:folder": Verb(
        "[--platform OS/ARCH] [--insecure HOST] NAME [DIR]",
        "a folder, as d-utils has them, from a registry; no image",
        "pull:folder debian:bookworm",
        run="plashui.verbs.pulls.pull_folder:run",
    ),
    "push": Verb(
        "ID WHERE",
        "an image to a registry, machine, file or directory, whichever WHERE is",
        "push web registry.example.org/team/web:1",
        run="plashui.verbs.pushes.push:run",
    ),
    "push:oci": Verb(
        f"{_PUSH_OPTIONS} [--insecure HOST] ID NAME",
        "an image to a registry: the layers that are missing there",
        "push:oci web registry.example.org/team/web:1",
        run="plashui.verbs.pushes.push_oci:run",
    ),
    "push:file": Verb(
        f"{_PUSH_OPTIONS} [--name NAME] [--format oci|docker] ID [FILE]",
        "an image with its layers as a file, for podman, docker and others",
        "push:file web web.docker.tar",
        run="plashui.verbs.pushes.push_file:run",
    ),
    "push:ssh": Verb(
        "[--name NAME] [--compression gzip|zstd|none] ID ADDRESS",
        "an image into podman, docker, ctr or plash of another machine, by ssh",
        "push:ssh web ssh://ada@host.example.org/podman",
        run="plashui.verbs.pushes.push_ssh:run",
    ),
    "push:tarfile": Verb(
        "ID [FILE]",
        "a tar of an image, compressed as FILE ends; to stdout without one",
        "push:tarfile 7 debian.tar.zst",
        run="plashui.verbs.pushes.push_tarfile:run",
        helper="plain cases",
    ),
    "push:dir": Verb(
        "ID DIR",
        "a faithful copy of an image",
        "push:dir 7 /srv/debian",
        run="plashui.verbs.pushes.push_dir:run",
        helper="plain cases",
    ),
    "push:squashfs": Verb(
        "[--compress zstd|gzip|lz4|xz|none] ID FILE",
        "a squashfs of an image, for Slurm's enroot, charliecloud, apptainer",
        "push:squashfs 7 debian.sqsh",
        run="plashui.verbs.pushes.push_squashfs:run",
    ),
    "push:app": Verb(
        "[--name NAME] [--cmd CMD] [--entrypoint CMD] [--arg NAME:KIND]"
        " [--bind SOURCE:PLACE] [--env NAME=VALUE] [--output] [--network]"
        " [--read-only] [--compress zstd|gzip|lz4|xz|none] [--icon FILE]"
        " [--desktop FILE] [--definition FILE] ID FILE",
        "one executable file that runs an image anywhere, with nothing installed",
        "push:app dev ./dev",
        run="plashui.verbs.pushes.push_app:run",
    ),
    "push:folder": Verb(
        "ID DIR",
        "a folder of an image, for run:folder and d-utils",
        "push:folder 7 ~/debian",
        run="plashui.verbs.pushes.push_folder:run",
    ),
    "push:bundle": Verb(
        "[--terminal] ID DIR",
        "an OCI runtime bundle of an image, for runc, crun, Slurm's --container",
        "push:bundle 7 ~/bundle",
        run="plashui.verbs.pushes.push_bundle:run",
    ),
    "serve": Verb(
        "[--listen ADDRESS:PORT] [--unix PATH] [--once] [--allow NAME ...]"
        " [--compression gzip|zstd|none]",
        "the store as a registry, for docker, podman and others to pull from",
        "serve --listen 127.0.0.1:5000 --allow web",
        run="plashui.verbs.serve:run",
    ),
    "login": Verb(
        "[-u USER] [--password-stdin] [--insecure] HOST",
        "a user and a password for a registry, kept as podman and docker do",
        "login -u ada registry.example.org",
        run="plashui.verbs.login:run",
    ),
    "logout": Verb(
        "HOST",
        "forget them",
        "logout registry.example.org",
        run="plashui.verbs.logout:run",
    ),
}
"""Each by its name: pulls, pushes, logins."""
