"""Shows what was judged: figures, tables, cards, sentences, and the page they stand on.

It knows rows, judgements and records, and only shows them: it measures nothing, decides no verdict
and chooses no setting. Figures are drawn in `plots`, the only room with matplotlib.
"""
