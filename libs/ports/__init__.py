"""What the services need from the outside, as protocols. Adapters and fakes implement them."""
