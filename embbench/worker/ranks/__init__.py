"""A round of several ranks: processes that share each step. Rank 0 leads and does the round; the others follow."""
