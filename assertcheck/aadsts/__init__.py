"""What Entra ID's error codes mean, and the order it checks in."""
