"""A shell into functions: Shell_Client asks from outside, Lambda_Shell and Shell_Server answer inside."""
