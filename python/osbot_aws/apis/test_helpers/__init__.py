"""A temporary function and its role, for tests."""
