"""Sources: directories of firms, and what others keep of their pages."""
