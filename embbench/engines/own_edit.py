"""What a user writes for a change of their step, and the diff that writes it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from embbench.engines.own_models import Builder
from embbench.engines.own_patch import Addition, Insertion, NewFile, patch_of
from embbench.engines.own_places import Places


class Argument(NamedTuple):
    """An argument that the user adds where an object of the program is made, such as an optimizer or a layer. called:
    the name of the call; '' for the class of the object.
    """

    made: Any
    text: str
    called: str = ""


class Edit(NamedTuple):
    """What a user writes for a change. lines: before the function returns; `{model}` and `{optimizer}` stand for what
    the function returns under these names. files: that these lines import. written: whether all this is what a user
    writes.
    """

    arguments: Sequence[Argument] = ()
    lines: Sequence[str] = ()
    files: Sequence[NewFile] = ()
    written: bool = True


MORE = Edit(written=False)  # the change needs code of its own


def diff_of(edit: Edit, places: Places, builder: Builder) -> str:
    """The changed lines of the user's files; '' where lines are not enough, or a place is not known."""
    if not edit.written:
        return ""
    insertions = []
    for each in edit.arguments:
        if (place := places.get(id(each.made))) is None:
            return ""
        called = each.called or type(each.made).__name__
        insertions.append(Insertion(place.file, place.line, called, each.text, place.column))
    addition = Addition(builder.path, builder.name, edit.lines) if edit.lines else None
    return patch_of(dict.fromkeys(insertions), addition, edit.files)
