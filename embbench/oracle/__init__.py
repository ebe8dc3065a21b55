"""Floor 2: the whole training step in NumPy float64, the measure that every contender is held to."""
