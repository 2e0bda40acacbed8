"""REST: parse, call a service, translate the result or the error."""
