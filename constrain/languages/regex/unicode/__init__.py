"""Sets of characters: as ranges, by property or case, and as UTF-8. This package does not know patterns."""
