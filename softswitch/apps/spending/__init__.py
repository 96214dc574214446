"""What calls out cost, who may make them, and when they are stopped."""
