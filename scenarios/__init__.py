"""Made-up municipalities: the demo, and the rehearsals that play a year of it."""
