"""The kill campaign: kill -9 under a seeded mix of requests, and a model that the restarted engine must match."""
