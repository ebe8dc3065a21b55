"""Keras 3: its model and optimizer, and a trial for each of its backends."""
