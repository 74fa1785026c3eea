"""Target and credentials of the calls to each service."""
