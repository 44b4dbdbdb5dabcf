"""Forms of initiatives, one file per journey."""
