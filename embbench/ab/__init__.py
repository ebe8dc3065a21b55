"""Base against head, by turns in launches until it is decided."""
