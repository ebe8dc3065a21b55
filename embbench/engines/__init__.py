"""What the contenders of a framework share, written once; a contender is a short file that stands on it."""
