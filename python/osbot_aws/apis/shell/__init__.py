"""A shell into functions. Shell_Client sends requests; Lambda_Shell and Shell_Server handle them in the function."""
