"""Floor 6: base against head, by turns in launches until it is decided: screening, then confirmation by fresh ones."""
