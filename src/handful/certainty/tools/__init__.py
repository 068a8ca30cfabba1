"""Tools for risk of bias, one file each."""
