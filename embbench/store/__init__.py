"""The bridge between the towers. One self-contained JSON line per Round, in append-only journals."""
