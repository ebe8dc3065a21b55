"""Two sets of Rounds -> comparisons with verdicts, reasons and an exit code. Measures and prints nothing."""
