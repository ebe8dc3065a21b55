"""The bridge between the towers: one self-contained JSON line per Round, in append-only journals."""
