"""What works, or seems to, against good practice, and what AWS Backup refuses though Organizations takes it."""
