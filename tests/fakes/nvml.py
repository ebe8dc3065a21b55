"""Made-up GPUs behind NVML's C interface: see nvml.c."""

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_suffix(".c")
LIBRARY = "libnvidia-ml.so.1"
GB = 10**9
H200 = {"name": "NVIDIA H200", "total": 150 * GB, "free": 149 * GB, "clock": 1980, "throttle": 0, "mig": 0}
A100 = {"name": "NVIDIA A100-SXM4-40GB", "total": 42 * GB, "free": 41 * GB, "clock": 1410, "throttle": 0}
SLICE = {"name": "NVIDIA A100-SXM4-40GB MIG 1g.5gb", "total": 5 * GB, "free": 4 * GB}


def build(folder: Path, *flags: str) -> Path:
    """The folder with the library, for LD_LIBRARY_PATH. Skips the test where no C compiler is."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler")
    subprocess.run(["cc", "-shared", "-fPIC", *flags, "-o", folder / LIBRARY, SOURCE], check=True)
    return folder


def scene(*gpus: dict[str, object], **more: object) -> str:
    """The text of a scene. gpus: fields of each GPU in the order on the bus; `parts` are the fields of its parts. more:
    further keys, with __ for a dot.
    """
    told: dict[str, object] = {"driver": "580.159.04", "count": len(gpus)}
    for place, gpu in enumerate(gpus):
        told[f"{place}.uuid"] = f"GPU-{place}{place}aa-bb"
        told |= {f"{place}.{field}": value for field, value in gpu.items() if field != "parts"}
        for number, part in enumerate(gpu.get("parts", ())):
            told[f"{place}.{number}.uuid"] = f"MIG-{place}{number}cc-dd"
            told |= {f"{place}.{number}.{field}": value for field, value in part.items()}
    told |= {name.removeprefix("_").replace("__", "."): value for name, value in more.items()}
    return "".join(f"{key} {value}\n" for key, value in told.items())
