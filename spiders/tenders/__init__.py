"""Tenders, awards and buy leads."""
