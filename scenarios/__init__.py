"""Fictional municipalities: the demo, and the rehearsals that simulate a season or a year."""
