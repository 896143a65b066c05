"""The commands of `tembus`, thin: each asks, starts and shows."""
