"""`--python`, of the verbs that measure contenders or say whether they can be measured."""

from typing import Annotated

import typer

PYTHON_FLAG = {
    "python": Annotated[
        str | None,
        typer.Option(
            "--python",
            metavar="NAME=PATH,...",
            help="Other Python environments, for frameworks that do not go into one: "
            "pytorch=.venv-a/bin/python,torchrec=.venv-b/bin/python. NAME is a contender, or a package for all "
            "contenders that need it. A contender runs in the Python of its own name, else of the first of its "
            "packages that has one, else in this Python.",
            show_default=False,
        ),
    ]
}
