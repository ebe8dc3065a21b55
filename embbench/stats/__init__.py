"""Statistics on plain floats. Knows nothing of cases, units or files."""
