"""Writes directed.graphml and undirected.graphml beside it with NetworkX.

Run with Debian's python3 and python3-networkx.
"""
import os

import networkx as nx

here = os.path.dirname(os.path.abspath(__file__))
for name, g in (("directed", nx.DiGraph()), ("undirected", nx.Graph())):
    g.add_node("alone & <quiet>", size=3)
    g.add_edge("a", "b", weight=2.5, since=1999)
    g.add_edge("b", "ü", weight=0.25)
    g.add_edge("ü", "ü")
    nx.write_graphml(g, os.path.join(here, name + ".graphml"))
