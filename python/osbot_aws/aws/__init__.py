"""The services' classes, a folder each."""
