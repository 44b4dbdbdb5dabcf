"""A dress rehearsal before a poll opens: residents and staff played over HTTP, and the sum of it all."""
