"""The live page's server: a server explored by hand, its lines lit as they run. A process of its own.

page       the page's own small server (Starlette): reads the witness's files, writes only the session's name
board      what the page shows
live       the witness's files of the explored server, followed while they are written
states     who ran a line, and a file's counts
sources    the measured sources: lines that hold code, in colours
sessions   named sessions, kept under .afterawait/sessions
last_run   what ran in the last end-to-end run
security   who may ask: a holder of the token
body       the JSON of a request, within limits
process    how the driver starts and stops the page
__main__   the process itself
"""
