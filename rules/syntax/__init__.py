"""Rules on what AWS does not take as a policy document, or as the organization it is attached to."""
