"""Everything that asks the question: how little does a containerised API need to hold N users?

Data walks one way: question -> setting -> trial -> record -> verdict -> figure -> report.
"""
