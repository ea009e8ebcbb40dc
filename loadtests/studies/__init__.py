"""What notebooks call: a question put to settings, measured now or read as it was recorded.

It joins the rooms: the bench measures, the analysis judges, the search decides, the report shows.
It knows parameters, runs and their folders, and neither notebooks' execution nor the command line.
"""
