"""policylint: what AWS Organizations makes of your policies, before AWS does."""
