"""What the operating system says about machine, memory, noise and devices. Reads only; tunes nothing."""
