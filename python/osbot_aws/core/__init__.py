"""The session and the exception that all classes use."""
