"""Utilities for zips."""
