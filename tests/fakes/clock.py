"""A clock that only moves when told: scripted costs instead of real durations."""


class VirtualClock:
    """Nanoseconds. `reading`: what one reading of the clock itself costs."""

    def __init__(self, reading: int = 20) -> None:
        self.now, self.reading = 0, reading

    def __call__(self) -> int:
        self.now += self.reading
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += round(seconds * 1e9)


CLOCK = VirtualClock()
