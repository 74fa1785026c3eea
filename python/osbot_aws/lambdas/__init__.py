"""Functions of the original package that its tests and programs deploy."""
