"""Runs inside the measured process only. One process does one round."""

import sys

EARLIER = frozenset(sys.modules)  # modules of Python itself: this file runs before the imports of embbench
