"""A dress rehearsal before a survey opens: residents and staff simulated over HTTP, then a check of all totals."""
