"""Saved Rounds -> Results, their metrics as Summaries, and the choice of Results."""
