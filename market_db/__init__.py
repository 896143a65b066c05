"""The market: its records, tables, questions and workspace. Imports nothing of ours."""
