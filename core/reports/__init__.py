"""What all reports share: the page and its drawings."""
