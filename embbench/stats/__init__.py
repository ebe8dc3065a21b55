"""Floor 1: statistics on plain floats. Knows nothing of cases, units or files."""
