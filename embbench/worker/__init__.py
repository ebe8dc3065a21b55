"""Runs inside the measured process only. One process does one round."""

import sys

EARLIER = frozenset(sys.modules)  # modules that Python loaded by itself: it reads this file before what embbench needs
