"""The whole training step in NumPy float64, the measure that every contender is held to."""
