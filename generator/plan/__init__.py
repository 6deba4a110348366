"""From a service and its lock to the plan: variants, who gets which traffic, and the arithmetic of it."""
