"""Packages that functions load from S3: upload them, and load them inside the function."""
