"""What works, or seems to, against good practice, and what AWS Backup rejects though Organizations takes it."""
