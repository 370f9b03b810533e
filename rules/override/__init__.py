"""Rules on what one policy does to another on the way down the tree."""
