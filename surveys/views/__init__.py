"""Pages of surveys, one file per journey."""
