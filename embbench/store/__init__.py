"""Floor 3: the bridge between the towers. One self-contained JSON line per Round, in append-only journals."""
