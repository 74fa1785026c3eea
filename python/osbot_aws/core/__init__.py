"""What all classes use: the session, and the error that calls raise."""
