"""Becomes a command in a room like Lambda's: `python sandbox.py JSON`, in mount and process namespaces of its own.

Only /tmp can be written, /dev has no shm, there is no memfd where the room has none, the user is nobody.
This is a command of its own, which knows nothing of the project: function.py starts it.
"""

import ctypes
import json
import os
import platform
import resource
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

DEVICES = ("null", "zero", "full", "random", "urandom")
SYSTEM = ("usr", "etc", "bin", "sbin", "lib", "lib32", "lib64")
NOBODY = 65534

MEMFD_CREATE = {"x86_64": (0xC000003E, 319), "aarch64": (0xC00000B7, 279)}  # seccomp's name of the machine, the call
DEATH_SIGNAL, NO_NEW_PRIVILEGES, SECCOMP, FILTER = 1, 38, 22, 2  # of prctl
LOAD, UNLESS_EQUAL, RETURN = 0x20, 0x15, 0x06  # of the filter's language
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
ENOSYS = 38


def main() -> None:
    """Make the room, enter it, and become the command."""
    room: dict[str, Any] = json.loads(sys.argv[1])
    root = Path(room["root"])
    if room["cgroup"]:
        (Path(room["cgroup"]) / "cgroup.procs").write_text("0")  # whoever writes it
    _furnish(root, room["readable"], room["writable"])
    os.chroot(root)
    os.chdir(room["folder"])
    if room["data_bytes"]:
        resource.setrlimit(resource.RLIMIT_DATA, (room["data_bytes"],) * 2)
    if room["is_root"]:  # a user namespace has no other user to become
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    _die_with_parent()
    if not room["has_memfd"]:
        _without_memfd()
    os.execve(room["command"][0], room["command"], room["environment"])  # noqa: S606 - no shell is wanted


def _furnish(root: Path, readable: dict[str, str], writable: dict[str, str]) -> None:
    _mount("--make-rprivate", "/")
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(root))
    for name in SYSTEM:
        source = Path("/", name)
        if source.is_symlink():
            (root / name).symlink_to(source.readlink())
        elif source.is_dir():
            _bind(str(source), root / name, is_writable=False)
    for device in DEVICES:
        _bind(f"/dev/{device}", root / "dev" / device, is_writable=True)
    (root / "dev/fd").symlink_to("/proc/self/fd")
    (root / "proc").mkdir()
    _mount("-t", "proc", "proc", str(root / "proc"))
    for place, source_path in readable.items():
        _bind(source_path, root / place.lstrip("/"), is_writable=False)
    for place, source_path in writable.items():
        _bind(source_path, root / place.lstrip("/"), is_writable=True)
    _mount("-o", "remount,bind,ro", str(root))


def _bind(source: str, place: Path, *, is_writable: bool) -> None:
    if Path(source).is_dir():
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    _mount("--rbind", source, str(place))
    if not is_writable:
        _mount("-o", "remount,bind,ro", str(place))


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)  # noqa: S607 - wherever it is


def _without_memfd() -> None:
    """Have memfd_create answer that there is no such call, from here on and for all children."""
    machine, call = MEMFD_CREATE[platform.machine()]
    steps = (
        (LOAD, 0, 0, 4),  # the machine
        (UNLESS_EQUAL, 0, 2, machine),
        (LOAD, 0, 0, 0),  # the call
        (UNLESS_EQUAL, 1, 0, call),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE | ENOSYS),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    _prctl(NO_NEW_PRIVILEGES, 1)
    _prctl(SECCOMP, FILTER, ctypes.addressof(program))


def _die_with_parent() -> None:
    """Not to be left over when the unshare that waits is killed; becoming another user has made us forget that."""
    _prctl(DEATH_SIGNAL, signal.SIGKILL)


def _prctl(option: int, *arguments: int) -> None:
    call = ctypes.CDLL(None, use_errno=True).prctl
    call.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    if call(option, *arguments, *[0] * (4 - len(arguments))):
        raise OSError(ctypes.get_errno(), f"prctl({option}) was refused")


if __name__ == "__main__":
    main()
