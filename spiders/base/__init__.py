"""Base spiders: they own the walk, a source names the pieces."""
