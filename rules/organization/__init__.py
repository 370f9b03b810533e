"""Rules on the tree itself: attachments, quotas, ids."""
