"""Where calls go and as whom, for each service."""
