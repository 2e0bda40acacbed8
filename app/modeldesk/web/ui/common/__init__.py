"""What pages are made of: components without data or services, and their ids."""
