"""Showing pictures and the progress of calls, in notebooks and terminals. Only `previews` goes to the network."""
