"""What people take along as files, every one of them logged."""
