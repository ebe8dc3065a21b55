"""The control groups that limit this process, in both versions of the interface."""

import re
from collections.abc import Iterator
from pathlib import Path

from embbench.host.texts import read_text

PROC = Path("/proc")
MOUNT = Path("/sys/fs/cgroup")


def memory_groups(proc: Path = PROC, mount: Path = MOUNT) -> list[list[Path]]:
    """`groups` for the memory controller."""
    return groups("memory", proc, mount)


def groups(controller: str, proc: Path = PROC, mount: Path = MOUNT) -> list[list[Path]]:
    """Lists of directories, one list per hierarchy that may limit `controller`: the group of this process, its parent,
    and so on up to the mount.

    Directories may be missing: a container sees its own group at the mount, under the path that the host gave it.
    mount: where to look for hierarchies that are not in /proc/self/mountinfo.
    """
    mounts = list(_mounts(read_text(proc / "self" / "mountinfo")))
    found = []
    for line in read_text(proc / "self" / "cgroup").splitlines():
        fields = line.split(":", 2)
        if len(fields) < 3:
            continue
        controllers, path = fields[1].split(","), fields[2]
        if controllers == [""]:
            usual = mount / "unified" if (mount / "unified").is_dir() else mount
            root, top = next(((root, top) for version, root, top in mounts if version == ""), ("/", usual))
        elif controller in controllers:
            told = ((root, top) for names, root, top in mounts if controller in names.split(","))
            root, top = next(told, ("/", mount / controller))
        else:
            continue
        found.append(_upwards(top, _below(path, root)))
    return found


def _mounts(mountinfo: str) -> Iterator[tuple[str, str, Path]]:
    """(controllers separated by commas, '' for version 2; the group at the mount; the mount) from /proc/pid/mountinfo,
    see proc(5).
    """
    for line in mountinfo.splitlines():
        first, separator, last = line.partition(" - ")
        fields, kinds = first.split(), last.split()
        if not separator or len(fields) < 5 or len(kinds) < 3:
            continue
        root, top = _unquoted(fields[3]), Path(_unquoted(fields[4]))
        if kinds[0] == "cgroup2":
            yield "", root, top
        elif kinds[0] == "cgroup":
            yield kinds[-1], root, top


def _below(path: str, root: str) -> str:
    """The path of a group below the mount of `root`. In a container without a namespace for groups, the container's own
    group is mounted.
    """
    if root != "/" and (path == root or path.startswith(f"{root.rstrip('/')}/")):
        return path[len(root.rstrip("/")) :]
    return path


def _upwards(top: Path, path: str) -> list[Path]:
    parts = [part for part in path.split("/") if part not in ("", "..")]
    return [top.joinpath(*parts[:count]) for count in range(len(parts), -1, -1)]


def _unquoted(text: str) -> str:
    """mountinfo writes a space as \\040."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
