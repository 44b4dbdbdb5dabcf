"""What Django itself costs: one indexed read and one template; one transaction with the same writes."""
