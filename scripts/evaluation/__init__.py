"""How right we are: what `python -m scripts.evaluate` measures, against labelled data."""
