"""What all rooms of the addon use and no model is."""
