"""What jobs of all apps share."""

import threading

stopping = threading.Event()
"""Set when this process is asked to stop: what is in hand is finished or given back."""
