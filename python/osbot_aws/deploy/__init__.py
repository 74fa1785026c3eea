"""From a Python function, file or program to a running Lambda."""
