"""Sources about products: what is on sale where and at what price, how much people look it up, and why such goods are turned back."""
