"""A function, and a role, for the length of a test."""
