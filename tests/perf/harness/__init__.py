"""The benchmark's parts: running programs, axon and its peers, the data, the measures, the table."""
