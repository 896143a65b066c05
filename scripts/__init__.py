"""What people and the night start: the command line and its jobs."""
