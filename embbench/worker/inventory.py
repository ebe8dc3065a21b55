"""Prints what this Python environment can measure, for a launcher in another environment: `python -m
embbench.worker.inventory FILE...`.

Prints an `Inventory` as one line of JSON. The arguments are contender files in addition to the built-in contenders.
"""

import sys

from embbench import wire
from embbench.contenders import discover, missing_packages, software
from embbench.errors import EmbbenchError
from embbench.store.exchange import VERSION, Installed, Inventory


def main() -> None:
    try:
        found = discover(sys.argv[1:])
    except EmbbenchError as error:
        sys.exit(f"embbench: {error}")
    told = {
        name: Installed(contender.path, software(contender), missing_packages(contender))
        for name, contender in found.items()
    }
    sys.stdout.buffer.write(wire.encode(Inventory(told, VERSION)) + b"\n")


if __name__ == "__main__":
    main()
