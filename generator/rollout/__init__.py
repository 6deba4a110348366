"""A roll-out as a row of states: what a service is at each step, what changes between them, what is dangerous."""
