"""What is in the store of the demo."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

Files = dict[str, int | str]
"""Files by path: the text, or the kB of one that is filled with this machine's."""


class Package(NamedTuple):
    """A package that the image's package manager lists, with its files."""

    name: str
    version: str
    files: Files


class Demo(NamedTuple):
    """One image: how it is called, what it is built on, and how it was made.

    `on` is the `key` of its parent, '' if it has none. `days` is its age, `used` the
    days since a command last ran in it, None for never. `system` are NAME and
    PRETTY_NAME of a distribution. `programs` are commands of this machine, and
    `python` asks for its interpreter.
    """

    key: str
    on: str
    origin: str
    days: float
    named: bool = True
    system: tuple[str, str] = ("", "")
    programs: tuple[str, ...] = ()
    python: bool = False
    packages: tuple[Package, ...] = ()
    files: Mapping[str, int | str] = {}
    used: float | None = None
    note: str = ""


_APT: Final[Files] = {
    "var/lib/apt/lists/deb.debian.org_bookworm_main_Packages": 700,
    "var/lib/apt/lists/deb.debian.org_bookworm_main_i18n_Translation-en": 250,
    "var/cache/apt/pkgcache.bin": 150,
}
_SERVER: Final = """\
const http = require("http");

http.createServer((request, answer) => answer.end("hello\\n")).listen(8080);
"""

IMAGES: Final = (
    Demo(
        "debian",
        "",
        "bookworm.tar.zst",
        281,
        system=("debian", "Debian GNU/Linux 12 (bookworm)"),
        packages=(
            Package("libc6", "2.36-9+deb12u9", {"usr/lib/locale/C.utf8/LC_ALL": 180}),
            Package(
                "perl-base",
                "5.36.0-7+deb12u1",
                {"usr/lib/perl-base/perl.so": 450},
            ),
            Package("tzdata", "2024a-0+deb12u1", {"usr/share/zoneinfo/tzdata": 210}),
            Package("base-files", "12.4+deb12u6", {"usr/share/base-files/motd": 4}),
        ),
        files={"usr/share/doc/base/copyright": 160, "var/log/bootstrap.log": 60},
        note="what everything here is built on",
        used=40,
    ),
    Demo(
        "ubuntu",
        "",
        "noble.tar.xz",
        216,
        system=("ubuntu", "Ubuntu 24.04 LTS"),
        packages=(
            Package("libc6", "2.39-0ubuntu8.2", {"usr/lib/locale/C.utf8/LC_ALL": 180}),
            Package(
                "perl-base",
                "5.38.2-3.2",
                {"usr/lib/perl-base/perl.so": 750},
            ),
            Package("gnupg", "2.4.4-2ubuntu17", {"usr/lib/gnupg/gpg-agent": 400}),
        ),
        files={"usr/share/doc/base/copyright": 120},
        used=6,
    ),
    Demo(
        "fedora",
        "",
        "Container-Base-40.tar.xz",
        184,
        system=("fedora", "Fedora Linux 40 (Container Image)"),
        files={
            "usr/lib/sysimage/rpm/rpmdb": 1050,
            "usr/lib64/libdnf5.so": 450,
            "var/cache/libdnf5/fedora.solv": 550,
        },
    ),
    Demo(
        "fedora-c",
        "fedora",
        'dnf install @"C Development Tools"',
        121,
        named=False,
        files={
            "usr/libexec/gcc/14/cc1": 2100,
            "usr/include/glibc-headers.h": 550,
            "var/cache/libdnf5/updates.solv": 450,
        },
    ),
    Demo(
        "dev",
        "debian",
        "apt-get install git make gcc",
        92,
        programs=("git", "make", "gcc", "bash", "less"),
        packages=(
            Package("git", "1:2.39.2-1.1", {"usr/lib/git-core/git-remote-http": 450}),
            Package("make", "4.3-4.1", {"usr/share/doc/make/NEWS": 150}),
            Package("gcc-12", "12.2.0-14", {"usr/lib/gcc/linux-gnu/12/cc1": 1300}),
        ),
        files={**_APT, "usr/share/doc/git/RelNotes": 120},
        used=12,
    ),
    Demo(
        "python",
        "debian",
        "apt-get install python3-venv",
        64,
        python=True,
        packages=(
            Package("python3", "3.11.2-1+b1", {"usr/share/python3/debpython": 60}),
            Package("python3-venv", "3.11.2-1+b1", {"usr/share/python3/venv.whl": 160}),
        ),
        used=29,
    ),
    Demo(
        "node-20",
        "dev",
        "nvm install 20",
        41,
        files={
            "usr/local/nvm/v20.15.0/bin/node": 3300,
            "usr/local/nvm/v20.15.0/lib/node_modules/npm/index.js": 450,
        },
        used=1,
    ),
    Demo(
        "old-web",
        "node-20",
        "npm install",
        38,
        files={
            "srv/app/node_modules/next/dist.js": 1400,
            "srv/app/node_modules/gulp/index.js": 450,
        },
    ),
    Demo(
        "torch",
        "python",
        "pip install torch",
        30,
        named=False,
        files={
            "usr/local/lib/python3/site-packages/torch/libtorch_cpu.so": 5600,
            "usr/local/lib/python3/site-packages/numpy/core.so": 700,
            "root/.cache/pip/http/torch.whl": 1200,
        },
    ),
    Demo(
        "ml",
        "torch",
        "pip install jupyterlab",
        29,
        files={
            "usr/local/lib/python3/site-packages/jupyterlab/static.js": 1350,
            "usr/local/lib/python3/site-packages/notebook/static.js": 300,
        },
        note="keep until March",
        used=0.1,
    ),
    Demo(
        "ci",
        "ubuntu",
        "apt-get install cmake ninja-build",
        20,
        packages=(
            Package("cmake", "3.28.3-1build7", {"usr/share/cmake-3.28/cmake": 3000}),
            Package("ninja-build", "1.11.1-2", {"usr/lib/ninja/ninja": 150}),
        ),
        files={"var/lib/apt/lists/archive.ubuntu.com_noble_Packages": 950},
        used=0.3,
    ),
    Demo(
        "postgres",
        "dev",
        "apt-get install postgresql",
        12,
        packages=(
            Package(
                "postgresql-15",
                "15.7-0+deb12u1",
                {
                    "usr/lib/postgresql/15/bin/postgres": 1950,
                    "usr/share/postgresql/15/locale.dat": 350,
                },
            ),
        ),
        files={"var/lib/postgresql/15/main/base": 800},
        used=2,
    ),
    Demo(
        "alpine",
        "",
        "alpine-minirootfs-3.20.tar.gz",
        9,
        system=("alpine", "Alpine Linux v3.20"),
        packages=(
            Package("musl", "1.2.5-r0", {"usr/lib/ld-musl-x86_64.so.1": 180}),
            Package("apk-tools", "2.14.4-r0", {"usr/lib/libapk.so.2.14.0": 120}),
        ),
    ),
    Demo(
        "build",
        "alpine",
        "apk add build-base",
        8,
        packages=(
            Package(
                "gcc",
                "13.2.1_git20240309-r0",
                {"usr/libexec/gcc/13/cc1": 1300},
            ),
            Package("binutils", "2.42-r0", {"usr/lib/libbfd-2.42.so": 350}),
        ),
    ),
    Demo(
        "go",
        "build",
        "apk add go",
        7,
        packages=(
            Package(
                "go",
                "1.22.5-r0",
                {"usr/lib/go/bin/go": 1550, "usr/lib/go/src/std.go": 450},
            ),
        ),
        used=3,
    ),
    Demo(
        "nginx",
        "debian",
        "apt-get install nginx",
        6,
        packages=(Package("nginx", "1.22.1-9", {"usr/lib/nginx/nginx": 550}),),
        files={**_APT, "var/www/html/index.html": "<h1>It works</h1>\n"},
    ),
    Demo(
        "shell",
        "ci",
        "shell",
        4,
        named=False,
        files={"root/build/CMakeCache.txt": 90, "root/build/app.o": 1150},
    ),
    Demo(
        "web",
        "node-20",
        "npm ci",
        3,
        files={
            "srv/app/node_modules/next/dist.js": 1550,
            "srv/app/node_modules/react-dom/umd.js": 400,
            "srv/app/.cache/webpack.pack": 450,
            "srv/app/package.json": '{"name": "web", "version": "1.0.0"}\n',
            "srv/app/server.js": _SERVER,
        },
        used=0,
    ),
    Demo(
        "web-config",
        "web",
        "sed -i s/8080/80/ /srv/app/server.js",
        2,
        named=False,
        files={"srv/app/server.js": _SERVER.replace("8080", "80")},
    ),
    Demo(
        "docs",
        "python",
        "pip install sphinx",
        1.2,
        files={
            "usr/local/lib/python3/site-packages/sphinx/all.py": 650,
            "root/.cache/pip/http/sphinx.whl": 150,
        },
    ),
)
"""The images, oldest first."""

PINNED: Final = "debian"
IN_USE: Final = "web"
IN_TRASH: Final = "old-web"

UNSAVED: Final = "ml"
CHANGES: Final[Files] = {
    "srv/notebooks/train.ipynb": 350,
    "srv/notebooks/model.pt": 950,
    "etc/motd": "trained on Tuesday\n",
}
"""What a shell in UNSAVED has changed, and nobody has saved."""
