"""Prints what this Python environment can measure, for a launcher in another environment: `python -m
embbench.worker.inventory FILE...`.

Prints an `Inventory` as one line of JSON. The arguments are contender files in addition to the built-in contenders.
"""

import sys

from embbench import wire
from embbench.contenders import discover
from embbench.contenders._installed import installed_here
from embbench.errors import EmbbenchError
from embbench.host.code import distributions
from embbench.host.packages import code_digest, own_version
from embbench.store.exchange import VERSION, Inventory


def main() -> None:
    try:
        found = discover(sys.argv[1:])
    except EmbbenchError as error:
        sys.exit(f"embbench: {error}")
    versions: dict[str, str] = {}
    for each in distributions():
        versions.setdefault(each.name, each.version)  # Python imports the first on its path
    told = {name: installed_here(contender) for name, contender in found.items()}
    inventory = Inventory(told, VERSION, own_version(), code_digest(), versions)
    sys.stdout.buffer.write(wire.encode(inventory) + b"\n")


if __name__ == "__main__":
    main()
