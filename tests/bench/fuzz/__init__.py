"""Made-up command lines, damaged files and injected faults; see `__main__`."""
