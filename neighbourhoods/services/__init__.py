"""Writes over several rows: colleagues, areas, themes, settings, backing."""
