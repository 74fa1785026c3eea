"""Packages that functions load from S3: uploading them, and loading them inside."""
