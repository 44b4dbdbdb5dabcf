"""Fields and cleaning; nothing here writes."""
