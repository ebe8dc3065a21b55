"""What may make a user's own step cheaper. Every file is a change, see `change`."""
