"""A contender file as users write theirs: reading it runs nothing, and its import exists nowhere."""

GOOD = """
import nowhere_to_be_found
DECLARES = {"summary": "mine", "updates": {"default": {"sgd": {"semantic": "exact"}, "adam": "not yet"},
    "fused": "never will be"}}
"""
