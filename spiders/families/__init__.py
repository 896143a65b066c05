"""Spiders for shop software and page kinds: declared sites, no code per site."""
