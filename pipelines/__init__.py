"""From what was seen to whom to call. Imports market_db, never spiders."""
