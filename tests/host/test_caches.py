"""What the machine says of its caches."""

from embbench.host.caches import cache_sizes, tlb_reach


def make(directory, **caches):
    for number, (level, kind, size) in enumerate(caches.values()):
        index = directory / f"index{number}"
        index.mkdir()
        for name, text in (("level", level), ("type", kind), ("size", size)):
            (index / name).write_text(f"{text}\n")
    return directory


def test_caches_that_data_goes_through_in_order(tmp_path):
    told = {"d": ("1", "Data", "48K"), "i": ("1", "Instruction", "64K"), "b": ("3", "Unified", "480M")}
    told["a"] = ("2", "Unified", "2048K")
    found = cache_sizes(make(tmp_path, **told))
    assert list(found.items()) == [("L1", 48 << 10), ("L2", 2 << 20), ("L3", 480 << 20)]


def test_a_machine_that_does_not_say(tmp_path):
    assert cache_sizes(tmp_path) == {}
    (tmp_path / "index0").mkdir()  # without files, as in some containers
    assert cache_sizes(tmp_path) == {}
    assert tlb_reach(tmp_path / "none") is None


def test_reach_of_the_translation_buffers_where_linux_tells_it(tmp_path):
    info = tmp_path / "cpuinfo"
    info.write_text("model name\t: AMD EPYC\nTLB size\t: 3584 4K pages\n")
    assert tlb_reach(info) == 3584 * 4096
    info.write_text("model name\t: Intel\n")
    assert tlb_reach(info) is None
