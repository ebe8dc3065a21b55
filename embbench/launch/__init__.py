"""Starts one worker process per round, in an order that drift cannot favour, and loses no finished line."""
