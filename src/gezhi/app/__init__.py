"""Configuration, the choice of backends, and the public `App`."""
