"""Do not contact: how it is written down, cut out of every table and text, and kept from every screen and file."""
