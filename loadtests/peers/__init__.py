"""Compares this project with what people would use instead, side by side on one machine.

It knows contenders, how to run and to ask each of them, and what a round of measurements tells. It
judges no setting and searches nothing; ratios count only between what one round measured.
"""
