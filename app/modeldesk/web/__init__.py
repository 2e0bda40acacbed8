"""The web: server, middleware, sign-in, REST and pages."""
