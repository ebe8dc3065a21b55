"""From measured cases to other cases: growth, passes over the table, floors, predictions."""
