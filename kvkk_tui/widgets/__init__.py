"""What screens are made of. Attributes go down, messages come up."""
