"""People one by one: what is assumed of the missing, one-stage models over studies, time to an event."""
