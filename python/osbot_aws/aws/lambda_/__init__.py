"""Lambda: functions, layers, and packages that functions load from S3."""
