"""Pages of initiatives, one file per journey."""
