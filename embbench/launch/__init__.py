"""Starts one worker process a round, in an order that drift cannot favour, and loses no finished line."""
