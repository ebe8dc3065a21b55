"""NumPy: the oracle's network and optimizers as a trial, and the CPU's ceilings."""
