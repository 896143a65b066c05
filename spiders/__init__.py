"""What we read, and how politely. Imports market_db, never pipelines."""
