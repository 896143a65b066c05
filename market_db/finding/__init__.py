"""How a list is found: filters as bitmaps, texts typed in any script."""
