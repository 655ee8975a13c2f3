"""The live page: a server explored by hand, its lines lit as they run. Processes of its own, scripts/explore.sh.

__main__   the driver: database, server, page; Ctrl-C stops all and says what was reached
page       the page's own small server (Starlette): reads the witness's files, writes only the session's name
live       the witness's files of the explored server, followed while they are written
sources    the measured sources: lines that hold code, in colours
sessions   named sessions, kept under .e2e/sessions
static/    HTML, CSS and JavaScript, as they are served
"""
