"""IAM: roles."""
