"""What KServe refuses, and what it accepts and then doesn't do."""
