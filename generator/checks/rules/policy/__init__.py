"""Good practice, and comments and annotations of Serinus' own."""
