"""Writes reference.json beside it: seeded graphs with what NetworkX says of them.

Run with Debian's python3 and python3-networkx. The default tolerance of
networkx.pagerank is far too loose for a reference, so it is set here.
"""
import json
import os
import random

import networkx as nx


def graph(name, seed, nodes, edges, directed, weighted):
    rng = random.Random(seed)
    g = nx.DiGraph() if directed else nx.Graph()
    g.add_nodes_from(range(nodes))
    for _ in range(edges):
        u, v = rng.randrange(nodes), rng.randrange(nodes)
        if not g.has_edge(u, v):
            # Quarters are exact in float32.
            g.add_edge(u, v, weight=rng.randrange(1, 40) / 4 if weighted else 1)
    seeds = {0: 3.0, 7: 1.0}
    tight = dict(tol=1e-15, max_iter=10000)
    distances = nx.single_source_shortest_path_length(g, 0)
    undirected = g.to_undirected()
    strong = nx.strongly_connected_components(g) if directed else nx.connected_components(g)
    return {
        "name": name,
        "nodes": nodes,
        "directed": directed,
        "edges": [[u, v, d["weight"]] for u, v, d in g.edges(data=True)],
        "density": nx.density(g),
        "degrees": [d for _, d in sorted(g.degree())],
        "distances": [distances.get(u, -1) for u in range(nodes)],
        "components": sorted(sorted(c) for c in nx.connected_components(undirected)),
        "strong": sorted(sorted(c) for c in strong),
        "pagerank": [r for _, r in sorted(nx.pagerank(g, **tight).items())],
        "pagerank_damping_half": [r for _, r in sorted(nx.pagerank(g, alpha=0.5, **tight).items())],
        "pagerank_seeds": [r for _, r in sorted(nx.pagerank(g, personalization=seeds, **tight).items())],
    }


if __name__ == "__main__":
    out = [
        graph("directed", 1, 60, 110, True, False),
        graph("directed, weighted", 2, 50, 90, True, True),
        graph("undirected", 3, 70, 60, False, False),
        graph("undirected, weighted", 4, 40, 80, False, True),
    ]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.json")
    with open(path, "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(g) for g in out) + "\n]\n")
