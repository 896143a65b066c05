"""Text to value or unknown: pure and tabled."""
