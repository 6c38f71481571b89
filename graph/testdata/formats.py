"""Writes files of two small graphs beside it: GraphML, GML, node-link and Cytoscape
JSON with NetworkX, and DOT with pydot and, as layout.dot, with Graphviz.

Run with Debian's python3, python3-networkx, python3-pydot and graphviz.
"""
import json
import os
import subprocess

import networkx as nx

here = os.path.dirname(os.path.abspath(__file__))
for name, g in (("directed", nx.DiGraph()), ("undirected", nx.Graph())):
    g.add_node("alone & <quiet>", size=3)
    g.add_edge("a", "b", weight=2.5, since=1999)
    g.add_edge("b", "ü", weight=0.25)
    g.add_edge("ü", "ü")
    path = os.path.join(here, name)
    nx.write_graphml(g, path + ".graphml")
    nx.write_gml(g, path + ".gml")
    with open(path + ".nodelink.json", "w") as f:
        json.dump(nx.node_link_data(g), f, indent=1)
    with open(path + ".cytoscape.json", "w") as f:
        json.dump(nx.cytoscape_data(g), f, indent=1)
    quoted = nx.relabel_nodes(g, {"alone & <quiet>": '"alone & <quiet>"'})  # as pydot asks
    dot = nx.nx_pydot.to_pydot(quoted).to_string()
    with open(path + ".dot", "w") as f:
        f.write(dot)
    drawn = subprocess.run(["dot", "-Tdot"], input=dot.encode(), stdout=subprocess.PIPE, check=True).stdout
    with open(os.path.join(here, name + ".layout.dot"), "wb") as f:
        f.write(drawn)
