"""Results of methods as objects."""
