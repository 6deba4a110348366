"""What Gateway API accepts and then doesn't do."""
