"""Robots, egress, pace, budgets and stops: each one middleware, each proven against a hostile server."""
