"""The readers of organizations: each turns files into a Source. They read and place; what a tree shows is checked apart."""
