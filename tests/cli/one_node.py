"""A SLURM of one node, this machine, in a temporary folder, from Debian's packages slurm-wlm and munge."""

import contextlib
import getpass
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil

COMMANDS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "sinfo", "scontrol")
LOOKS = 120  # at a state of the cluster, 0.5 s apart, until the cluster counts as broken
CONF = """
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
MailProg=/bin/true
SchedulerParameters=sched_interval=1
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def lacking() -> str:
    """Why there is no SLURM here; '' where there is."""
    missing = [name for name in COMMANDS if _find(name) is None]
    return f"no {missing[0]}: apt-get install slurm-wlm munge" if missing else ""


@contextlib.contextmanager
def one_node(folder: Path) -> Iterator[Path]:
    """Starts the daemons; the path of slurm.conf, for SLURM_CONF. Ends all jobs and daemons at its end. The daemons
    end with this process too, if it is killed.
    """
    for name in ("state", "spool"):
        (folder / name).mkdir()
    conf = folder / "slurm.conf"
    host = socket.gethostname().partition(".")[0]
    conf.write_text(
        CONF.format(folder=folder, host=host, user=getpass.getuser(), ports=_free_ports(), cpus=os.cpu_count())
    )
    if _version() >= 23:
        (folder / "cgroup.conf").write_text("CgroupPlugin=disabled\n")  # an older SLURM reads no such file here
    (folder / "munge.key").write_bytes(os.urandom(64))
    (folder / "munge.key").chmod(0o400)
    files = ("key-file", "log-file", "pid-file", "seed-file", "socket")
    with contextlib.ExitStack() as daemons:
        own = [f"--{name}={folder}/munge.{name.partition('-')[0]}" for name in files]
        _start(daemons, folder, "munged", "--foreground", "--force", *own)  # folders of tests are private
        for name in ("slurmctld", "slurmd"):
            _start(daemons, folder, name, "-D", SLURM_CONF=str(conf))
        _until(folder, conf, ["sinfo", "--noheader", "--format=%T"], "idle")
        try:
            yield conf
        finally:
            _ask(conf, ["scancel", f"--user={os.getuid()}", "--signal=KILL", "--full"])
            _ask(conf, ["scancel", f"--user={os.getuid()}"])
            _until(folder, conf, ["squeue", "--noheader"], "")


def until_gone(conf: Path, job: str) -> None:
    """Waits until the queue has forgotten the job."""
    _until(conf.parent, conf, ["squeue", "--noheader", "--array", "--format=%i"], "", job)


def _start(daemons: contextlib.ExitStack, folder: Path, name: str, *words: str, **variables: str) -> None:
    log = daemons.enter_context((folder / f"{name}.out").open("wb"))
    command = ["setpriv", "--pdeathsig", "KILL", str(_find(name)), *words]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **variables}
    )
    daemons.callback(_end, process)


def _end(process: subprocess.Popen) -> None:
    everyone = [psutil.Process(process.pid)] if process.poll() is None else []
    for each in everyone:
        each.terminate()
    for each in psutil.wait_procs(everyone, timeout=10)[1]:
        each.kill()
    process.wait()


def _until(folder: Path, conf: Path, command: list[str], wanted: str, job: str = "") -> None:
    """Asks until the answer is as wanted; with a job, until the answer does not name the job."""
    for _ in range(LOOKS):
        said = _ask(conf, command)
        if said is not None and (job not in said.split() if job else said == wanted):
            return
        threading.Event().wait(0.5)
    logs = "\n".join(path.read_text(errors="replace")[-1000:] for path in folder.glob("*.out"))
    raise AssertionError(f"SLURM: {command} never said {wanted!r}:\n{logs}")


def _ask(conf: Path, command: list[str]) -> str | None:
    environment = {**os.environ, "SLURM_CONF": str(conf)}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return told.stdout.strip() if told.returncode == 0 else None


def _version() -> int:
    told = subprocess.run([str(_find("slurmctld")), "-V"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)\.\d+", told)
    return int(found[1]) if found else 0


def _find(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _free_ports() -> list[int]:
    with contextlib.ExitStack() as sockets:
        made = [sockets.enter_context(socket.socket()) for _ in range(2)]
        for each in made:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in made]
