"""Floor 6: base against head, by turns in launches until it is decided."""
