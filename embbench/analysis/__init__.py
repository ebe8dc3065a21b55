"""What rounds mean: collapsed to summaries, compared, and explained. Numbers only; `report` has the sentences."""
