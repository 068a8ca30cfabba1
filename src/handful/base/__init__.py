"""Shared by every stage; knows no medicine."""
