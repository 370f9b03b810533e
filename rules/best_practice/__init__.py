"""Rules on what works, against good practice."""
