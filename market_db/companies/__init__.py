"""Companies over time: their records, what identity remembers, what became of them."""
