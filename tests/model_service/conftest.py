"""What the tests of the model service share."""

from __future__ import annotations

from tests.zoo_fixtures import zoo

__all__ = ["zoo"]
