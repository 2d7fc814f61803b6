"""Characters: sets of them as ranges, by property or case, and as UTF-8. Knows no patterns."""
