"""Control groups: which of them bound this process's memory, in both versions of the interface."""

from pathlib import Path

PROC = Path("/proc")
MOUNT = Path("/sys/fs/cgroup")


def memory_groups(proc: Path = PROC, mount: Path = MOUNT) -> list[list[Path]]:
    """Directories, a list for each hierarchy: this process's own group, its parent, and so on up to the mount.

    Any of them may be missing: a container sees its own group at the mount, under the path that the host gave it.
    """
    try:
        lines = (proc / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            found.append(_upwards(mount, path))
        elif "memory" in controllers.split(","):
            found.append(_upwards(mount / "memory", path))
    return found


def _upwards(top: Path, path: str) -> list[Path]:
    parts = [part for part in path.split("/") if part not in ("", "..")]
    return [top.joinpath(*parts[:count]) for count in range(len(parts), -1, -1)]
