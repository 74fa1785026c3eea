"""A test case for handlers, and fixtures for pytest."""
