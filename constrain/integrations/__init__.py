"""Adapters between constraints and the programs that run models. Each imports its own framework."""
