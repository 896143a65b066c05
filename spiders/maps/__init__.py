"""Shops and warehouses on maps."""
