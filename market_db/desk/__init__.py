"""What people entered: it outlives every crawl, refresh and snapshot."""
