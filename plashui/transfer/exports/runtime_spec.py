"""The config.json of an OCI runtime bundle.

The form is that of the OCI runtime specification; mounts, namespaces and hidden paths
are those that runc gives a new bundle.
"""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Final

    from plashui.helper.calls import Account

_VERSION: Final = "1.0.2"
_CAPABILITIES: Final = [
    *("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL"),
    *("CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE"),
    *("CAP_SYS_CHROOT", "CAP_AUDIT_WRITE", "CAP_SETFCAP"),
]
"""Those of `run --isolate --net`; with less, images that change their user fail."""
_HIDDEN: Final = [
    *("/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats"),
    *("/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware"),
    "/proc/scsi",
]
_READ_ONLY: Final = [
    *("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
]
_NO: Final = ("nosuid", "noexec", "nodev")


def runtime_spec(
    config: dict[str, Any], who: Account, *, hostname: str, terminal: bool
) -> dict[str, Any]:
    """Return the document for an OCI image config (`{"Env": …}`).

    Without a map of all ids it is rootless: with a user namespace, and this machine's
    network.
    """
    rootless = who.map != "root"
    return {
        "ociVersion": _VERSION,
        "process": _process(config, who, terminal=terminal),
        "root": {"path": "rootfs", "readonly": False},
        "hostname": _text(config.get("Hostname")) or hostname,
        "mounts": _mounts(rootless=rootless, groups=who.map != "single"),
        "linux": _linux(who, rootless=rootless),
    }


def _process(config: dict[str, Any], who: Account, *, terminal: bool) -> dict[str, Any]:
    known = {"PATH": who.path, "HOME": who.home}
    known |= {"TERM": "xterm"} if terminal else {}
    for variable in _texts(config.get("Env")):
        name, equals, value = variable.partition("=")
        if name and equals:
            known[name] = value
    command = [*_texts(config.get("Entrypoint")), *_texts(config.get("Cmd"))]
    user: dict[str, Any] = {"uid": who.uid, "gid": who.gid}
    if who.groups:
        user["additionalGids"] = who.groups
    kinds = ("bounding", "effective", "permitted") if who.uid == 0 else ("bounding",)
    return {
        "terminal": terminal,
        "user": user,
        "args": command or [who.shell or "/bin/sh"],
        "env": [f"{name}={value}" for name, value in known.items()],
        "cwd": f"/{_text(config.get('WorkingDir')).strip('/')}",
        "capabilities": dict.fromkeys(kinds, _CAPABILITIES),
        "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}],
        "noNewPrivileges": True,
    }


def _mounts(*, rootless: bool, groups: bool) -> list[dict[str, Any]]:
    terminals = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]
    if groups:
        terminals.append("gid=5")
    of_host = _mount("/sys", "none", "/sys", "rbind", *_NO, "ro")
    own = _mount("/sys", "sysfs", "sysfs", *_NO, "ro")
    return [
        _mount("/proc", "proc", "proc"),
        _mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", _SMALL),
        _mount("/dev/pts", "devpts", "devpts", *terminals),
        _mount("/dev/shm", "tmpfs", "shm", *_NO, "mode=1777", _SMALL),  # noqa: S108
        _mount("/dev/mqueue", "mqueue", "mqueue", *_NO),
        of_host if rootless else own,
        _mount("/sys/fs/cgroup", "cgroup", "cgroup", *_NO, "relatime", "ro"),
    ]


_SMALL: Final = "size=65536k"


def _mount(place: str, kind: str, source: str, *options: str) -> dict[str, Any]:
    mount: dict[str, Any] = {"destination": place, "type": kind, "source": source}
    return {**mount, "options": list(options)} if options else mount


def _linux(who: Account, *, rootless: bool) -> dict[str, Any]:
    kinds = ["pid", "ipc", "uts", "mount", "user" if rootless else "network"]
    linux: dict[str, Any] = {
        "namespaces": [{"type": kind} for kind in kinds],
        "maskedPaths": _HIDDEN,
        "readonlyPaths": _READ_ONLY,
    }
    if rootless:
        return {
            "uidMappings": _mappings(who.uids),
            "gidMappings": _mappings(who.gids),
            **linux,
        }
    return {"resources": {"devices": [{"allow": False, "access": "rwm"}]}, **linux}


def _mappings(ranges: Sequence[tuple[int, int, int]]) -> list[dict[str, int]]:
    return [
        {"containerID": inside, "hostID": outside, "size": count}
        for inside, outside, count in ranges
    ]


def _texts(value: object) -> list[str]:
    """Return those of a list that can be given to a program."""
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, str) and "\0" not in one]


def _text(value: object) -> str:
    return value if isinstance(value, str) and "\0" not in value else ""
