"""The actions of experiments, a file for each mechanism."""
