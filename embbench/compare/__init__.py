"""Floor 5: two sets of Rounds -> comparisons with verdicts, reasons and an exit code. Measures and prints nothing."""
