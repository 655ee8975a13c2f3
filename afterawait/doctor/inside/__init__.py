"""What runs in the project's own Python, whatever that is: started as a file, because Afterawait may be absent there.

Standard library and coverage.py alone; any Python from 3.8 on reads it.
"""
