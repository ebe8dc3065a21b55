"""Whether the code that a Round had loaded is still on the disk: a resumed run must not mix versions."""

from pathlib import Path

from embbench.host.code import digest_file
from embbench.host.packages import installed
from embbench.store.round import Loaded


def edited(loaded: Loaded, folder: str, foreign: bool) -> str:
    """'the module helper, /home/ada/helper.py, 0abae1e0ae72, now it is 2f1d8fa8dccf'; '' if nothing differs.

    folder: the folder of the contender's file. foreign: whether another Python measures, whose packages are not looked
    up.
    """
    for name, code in loaded.code.items():
        path = Path(folder) / code.path
        then, now = code.digest.rpartition("+")[2], digest_file(path)
        if then != now:
            what = f"the module {name}, {path}," if name != str(path) else f"{path},"
            return f"{what} {then}, now it is {now or 'gone'}"
    for name, version in loaded.packages.items() if not foreign else ():
        now = installed(name)[1]
        if now != version:
            return f"{name} {version}, now it is {now or 'gone'}"
    return ""
