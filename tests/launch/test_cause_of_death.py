"""Why a worker ended: counters of processes that the kernel killed, and names of exit codes."""

from embbench.launch.cause_of_death import grown, name_exit, oom_kills


def test_oom_counters_of_machine_and_groups(tmp_path):
    proc, groups = tmp_path / "proc", tmp_path / "groups"
    for directory in (proc / "self", groups / "a" / "b", groups / "memory" / "c"):
        directory.mkdir(parents=True)
    (proc / "vmstat").write_text("pgfault 9\noom_kill 2\n")
    (proc / "self" / "cgroup").write_text("4:memory:/c\n1:cpu:/\n0::/a/b\n")
    (groups / "a" / "b" / "memory.events").write_text("oom 7\noom_kill 5\noom_group_kill 0\n")
    (groups / "memory" / "c" / "memory.oom_control").write_text("oom_kill_disable 0\noom_kill 1\n")
    assert oom_kills(proc, groups) == (2, 1, 5)
    assert oom_kills(tmp_path / "none", groups) == ()
    assert grown((2, 1, 5), (2, 1, 6))
    assert not grown((2, 1), (2, 1))
    assert not grown((), (1,))


def test_exit_codes_have_names():
    assert [name_exit(code) for code in (3, -9, -40)] == [
        "ended with exit code 3",
        "killed by SIGKILL",
        "killed by signal 40",
    ]
