"""What each policy type looks like: containers, settings, allowed values, quotas; data, not code."""
