"""How politely sources are read: robots, the fence, pace, budgets and refusals, each one small middleware."""
