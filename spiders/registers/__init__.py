"""Company registers and importer lists."""
