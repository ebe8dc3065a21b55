"""Floor 4: runs inside the measured process only. One process does one round."""
