"""Whether the code that a Round had loaded is still on the disk: a resumed run must not mix versions."""

from collections.abc import Mapping
from pathlib import Path

from embbench.host.code import digest_file
from embbench.host.packages import installed
from embbench.store.round import Loaded


def edited(loaded: Loaded, folder: str, distributions: Mapping[str, str] | None = None) -> str:
    """'the module helper, /home/ada/helper.py, 0abae1e0ae72, now it is 2f1d8fa8dccf'; '' if nothing differs.

    folder: the folder of the contender's file. distributions: installed in the environment that measures, name ->
    version; None to look in this environment.
    """
    for name, code in loaded.code.items():
        path = Path(folder) / code.path
        then, now = code.digest.rpartition("+")[2], digest_file(path)
        if then != now:
            what = f"the module {name}, {path}," if name != str(path) else f"{path},"
            return f"{what} {then}, now it is {now or 'gone'}"
    for name, version in loaded.packages.items():
        now = installed(name)[1] if distributions is None else distributions.get(name)
        if now != version:
            return f"{name} {version}, now it is {now or 'gone'}"
    return ""
