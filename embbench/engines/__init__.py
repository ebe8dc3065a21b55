"""Code that the contenders of a framework share. A contender is a short file on top of its engine."""
