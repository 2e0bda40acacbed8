"""The published zoo, for the tests that need real models."""

from __future__ import annotations

from tests.zoo_fixtures import zoo

__all__ = ["zoo"]
