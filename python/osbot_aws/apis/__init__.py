"""Logs, a shell into functions, and helpers for tests."""
