"""Floor 1: what the operating system says about machine, memory, noise and devices. Reads only; tunes nothing."""
