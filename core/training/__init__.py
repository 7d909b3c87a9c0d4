"""Training of networks on samples: what they are given, how they learn, how they are judged and written."""
