"""The identity of this machine, as far as the system knows: an id that survives a boot, and an id of the boot.

Both ids are salted hashes: machine-id(5) asks to keep the id itself confidential, and results are published.
"""

import hashlib
import os
import platform
import re
import subprocess
from pathlib import Path

from embbench.host.groups import PROC

ROOT = Path("/")
MACHINE_IDS = ("etc/machine-id", "var/lib/dbus/machine-id")
# Firmware facts that every user may read. product_uuid needs root, so that one machine would get different ids for
# different users. Amazon writes the instance id here; other vendors leave it empty or equal on all machines.
ASSET_TAG = "sys/class/dmi/id/board_asset_tag"
INSTANCE = re.compile(r"i-[0-9a-f]{8,}")
HEXADECIMAL = re.compile(r"[0-9a-f]{32}")
IN_CONTAINER = (".dockerenv", "run/.containerenv", "run/systemd/container")
CONTAINER_GROUPS = re.compile(r"docker|kubepods|containerd|libpod|lxc|garden|podman")
UNKNOWN = "unknown"


def machine_id(proc: Path = PROC, root: Path = ROOT) -> str:
    """8 hexadecimal digits; 'unknown' without a reliable source."""
    instance = _read(root / ASSET_TAG)
    if INSTANCE.fullmatch(instance):
        return _salted(instance)
    if platform.system() == "Darwin":
        return _salted(_platform_uuid())
    for name in MACHINE_IDS:
        text = _read(root / name)
        own = not in_container(proc, root) or _is_mounted(name, proc)
        if HEXADECIMAL.fullmatch(text) and len(set(text)) > 1 and own:
            return _salted(text)
    return UNKNOWN


def boot_id(proc: Path = PROC) -> str:
    """8 hexadecimal digits, different after each boot; 'unknown' if the system does not know."""
    return _salted(_read(proc / "sys" / "kernel" / "random" / "boot_id"))


def in_container(proc: Path = PROC, root: Path = ROOT) -> bool:
    """Whether the files of this system come from a container image. All containers of an image share its machine-id, on
    any machine.
    """
    marked = any((root / name).exists() for name in IN_CONTAINER)
    named = "container" in os.environ or "KUBERNETES_SERVICE_HOST" in os.environ
    return marked or named or bool(CONTAINER_GROUPS.search(_read(proc / "self" / "cgroup")))


def _is_mounted(name: str, proc: Path) -> bool:
    """Whether the file is a mount of its own. The host's machine-id gets into a container that way."""
    lines = (line.split() for line in _read(proc / "self" / "mountinfo").splitlines())
    return any(len(fields) > 4 and fields[4] == f"/{name}" for fields in lines)


def _platform_uuid() -> str:
    try:
        command = ["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"]
        told = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r'"IOPlatformUUID" = "([^"]+)"', told)
    return found[1] if found else ""


def _salted(text: str) -> str:
    return hashlib.sha256(f"embbench {text}".encode()).hexdigest()[:8] if text else UNKNOWN


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
