"""What may make a user's own Keras step cheaper. Every file is a change, see `change`."""
