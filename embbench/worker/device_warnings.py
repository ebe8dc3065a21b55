"""What disturbed the GPU during the timed window, and what a reader should do about it."""

from typing import Any

from embbench.store.round import Warning_

# NVML's reasons for lower clocks. GPU idle (1) is no reason while the GPU waits between two blocks.
SET = 0x2 | 0x100  # clocks of applications, or of the display, that somebody set
POWER = 0x4 | 0x80  # the limit of power, and the brake of the power supply
HOT = 0x20 | 0x40  # too hot, by the driver and by the GPU itself
SLOWED = 0x8  # the GPU's own slowdown, without its reason: heat or power
SYNCED = 0x10  # together with other GPUs
THROTTLED = POWER | HOT | SLOWED | SYNCED
BUSY = 0.02  # share of the GPU's time that another program may compute: a display redraws its screen


def device_warnings(told: dict[str, Any]) -> tuple[Warning_, ...]:
    """At most one warning of each kind. told: a Round's conditions, see `DeviceStates.told`."""
    found = []
    mask = 0
    for states in told.get("throttle", []):
        for state in states:
            mask |= state or 0
    if mask & THROTTLED:
        text = f"the GPU lowered its clocks because of {_cause(mask)}: let it cool, then measure again"
        found.append(Warning_("throttled", text))
    if mask & SET:
        text = (
            "a setting keeps the GPU's clocks lower than the GPU allows: compare with rounds under the same setting, "
            "or undo the setting by nvidia-smi --reset-applications-clocks, then measure again"
        )
        found.append(Warning_("clocks-set", text))
    if (others := told.get("device_others", 0.0)) > BUSY:
        text = f"another program computed on the GPU, for up to {others:.0%} of its time: stop it, then measure again"
        found.append(Warning_("gpu-contention", text))
    return tuple(found)


def _cause(mask: int) -> str:
    causes = [name for name, reason in (("heat", HOT), ("power", POWER)) if mask & reason]
    if not causes:
        causes = ["heat or power"] if mask & SLOWED else ["other GPUs"]
    return " and ".join(causes)
