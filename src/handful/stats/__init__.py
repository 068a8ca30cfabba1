"""Numerics alone: arrays in, frozen results out; no study, no file."""
