"""What training, or a model brought along, hands over: the artifact with its signature, and the gate."""
