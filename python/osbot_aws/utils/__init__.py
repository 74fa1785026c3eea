"""Zips."""
