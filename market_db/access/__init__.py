"""Who may use the workspace: accounts, sessions, passwords, and the audit of what they did."""
