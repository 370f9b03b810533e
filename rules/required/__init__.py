"""Rules on what a policy must hold before AWS puts it into effect."""
