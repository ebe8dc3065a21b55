"""What saved Rounds say of each case: Results, their metrics as Summaries, and which of them are chosen."""
