"""A user's own model with what was found in it and what its step costs, for a document and for JSON."""

import msgspec

from embbench.analysis.cost.floor import Floor
from embbench.analysis.cost.own_model import Changed, OwnCost
from embbench.cases.found_change import FoundChange
from embbench.cases.found_model import FoundModel
from embbench.cases.runtimes import RETAINED, SYSTEM


class OwnModel(msgspec.Struct, frozen=True):
    """name: of the model, as the user wrote it. cost: None where nothing was measured. floor: of the step; None where
    the rates of the machine are unknown.
    """

    name: str
    found: FoundModel
    cost: OwnCost | None
    floor: Floor | None = None


def measured(own: OwnModel) -> dict[str, Changed | None]:
    """Name of a change or of a runtime -> its cost; None for a change that was refused, or that got no round."""
    if own.cost is None:
        return {each.name: None for each in own.found.changes}
    known = {name_of(each): each for each in own.cost.changes}
    return {**{each.name: known.get(each.name) for each in own.found.changes}, RETAINED: None, **known}


def name_of(changed: Changed) -> str:
    return changed.update if changed.runtime == SYSTEM else changed.runtime


def change_named(name: str, found: FoundModel) -> FoundChange | None:
    """The change; None for a runtime, which leaves the training as it is."""
    return next((each for each in found.changes if each.name == name), None)


def summary_of(name: str, found: FoundChange | None) -> str:
    return f"memory: --runtime {name}" if found is None else found.summary
