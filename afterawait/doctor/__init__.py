"""Whether a project's coverage can be believed, found out without running its tests. Driver process.

Nothing of the project is imported here. Its own Python answers what only that can know (afterawait/doctor/inside/).
"""
