"""What measured cases say of those that were not: growth, passes over the table, floors, predictions."""
