"""Compares base and head, which take turns in launches until the result is decided."""
