"""A municipality to try Nabij with: Waterdam, which does not exist."""
