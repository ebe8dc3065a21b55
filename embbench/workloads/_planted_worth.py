"""Numbers of planted texts and rows, without NumPy; see `_planted_texts`."""

OWN, OTHER = 0.5, 0.1  # shares of a text's tokens: keywords of its class, keywords of other classes
SCALE = 0.3  # standard deviation of pretrained rows

# Band -> keywords per class. In 9,600 texts of 8 tokens, a keyword occurs some 480, 60 and 7.5 times.
BANDS = {"frequent": 4, "middle": 32, "rare": 256}
COMMON = {"weak": 0.1, "strong": 0.5}  # `pretrained` -> share of a row's variance that its class has in common
