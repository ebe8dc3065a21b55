"""What this Python environment can measure, for a launcher that runs in another: `python -m embbench.worker.inventory`.

Prints an `Inventory` as one line of JSON; the arguments are contender files beside the built-in ones.
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
