"""What is checked: one folder a family, in it the checks and one card a rule."""
