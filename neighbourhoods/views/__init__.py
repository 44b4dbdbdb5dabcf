"""Pages of the desk about places and people, one file per journey."""
