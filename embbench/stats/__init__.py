"""Statistics on plain floats. This room knows no cases, units or files."""
