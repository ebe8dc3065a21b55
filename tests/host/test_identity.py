"""What tells a machine from its twins, from made-up files; and that no kernel update makes it another one."""

from types import SimpleNamespace

import pytest

from embbench.host import identity, machine

ID, OTHER = "3d1219c7c4c5404aaa1f6d2a48adfda4", "3d1219c7c4c5404aaa1f6d2a48adfda5"


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Writes files of a made-up system; on hardware of its own, until a file says otherwise."""

    def write(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    for name in ("container", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(identity.platform, "system", lambda: "Linux")
    return write


@pytest.fixture
def told(tmp_path):
    return lambda: identity.machine_id(tmp_path / "proc", tmp_path)


def test_twins_have_other_ids_and_the_id_itself_is_not_told(system, told):
    system("etc/machine-id", f"{ID}\n")
    one = told()
    system("etc/machine-id", f"{OTHER}\n")
    assert len(one) == len(told()) == 8
    assert one != told()
    assert one not in ID


@pytest.mark.parametrize("text", ["", "uninitialized\n", "0" * 32, "not an id"])
def test_without_a_usable_id_the_machine_is_unknown(system, told, text):
    system("etc/machine-id", text)
    assert told() == "unknown"
    system("var/lib/dbus/machine-id", ID)
    assert told() != "unknown"


@pytest.mark.parametrize(
    "mark", [(".dockerenv", ""), ("run/.containerenv", ""), ("proc/self/cgroup", "0::/kubepods/pod1/x\n")]
)
def test_an_images_id_says_nothing_of_the_machine(system, told, mark):
    system("etc/machine-id", ID)
    outside = told()
    system(*mark)
    assert told() == "unknown"
    system("proc/self/mountinfo", "9 8 0:1 /etc/machine-id /etc/machine-id ro - ext4 /dev/vda rw\n")
    assert told() == outside  # the host's own, mounted


def test_a_cloud_instances_number_counts_in_a_container_too(system, told):
    system(".dockerenv", "")
    system(identity.ASSET_TAG, "i-0123456789abcdef0\n")
    assert told() != "unknown"
    system(identity.ASSET_TAG, "Default string\n")
    assert told() == "unknown"


def test_a_boot_has_an_id_of_its_own(system, tmp_path):
    system("proc/sys/kernel/random/boot_id", "4c0c\n")
    one = identity.boot_id(tmp_path / "proc")
    system("proc/sys/kernel/random/boot_id", "4c0d\n")
    assert (len(one), one == identity.boot_id(tmp_path / "proc")) == (8, False)
    assert identity.boot_id(tmp_path / "none") == "unknown"


@pytest.mark.parametrize("gib", [16.0, 23.5, 31.499, 64.0])
def test_a_kernel_that_takes_some_memory_more_leaves_the_fingerprint(monkeypatch, gib):
    found = set()
    for moved in (-64, -3, -1, 0, 1, 3, 64):
        memory = SimpleNamespace(total=int(gib * 2**30) + moved * 2**20)
        monkeypatch.setattr(machine.psutil, "virtual_memory", lambda memory=memory: memory)
        found.add(machine.machine_facts()["fingerprint"])
    assert len(found) == 1
