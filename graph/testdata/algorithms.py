"""Writes algorithms.json beside it: seeded graphs with what NetworkX says of them.

Run with Debian's python3 and python3-networkx. Infinity is written as -1.
"""
import itertools
import json
import os
import random

import networkx as nx


def by_node(scores, n):
    return [scores.get(u, -1) for u in range(n)]


def make(seed, nodes, edges, directed, weighted, loops):
    rng = random.Random(seed)
    g = nx.DiGraph() if directed else nx.Graph()
    g.add_nodes_from(range(nodes))
    for _ in range(edges):
        u, v = rng.randrange(nodes), rng.randrange(nodes)
        if (u != v or loops) and not g.has_edge(u, v):
            # Quarters are exact in float32.
            g.add_edge(u, v, weight=rng.randrange(1, 40) / 4 if weighted else 1)
    return g


def paths(g, n):
    pairs = [(0, n - 1), (1, 2), (3, n // 2)]
    out = {"lengths": by_node(nx.single_source_dijkstra_path_length(g, 0), n), "pairs": []}
    for s, t in pairs:
        lengths = []
        if nx.has_path(g, s, t):
            some = itertools.islice(nx.shortest_simple_paths(g, s, t, weight="weight"), 12)
            lengths = [nx.path_weight(g, p, "weight") for p in some]
        out["pairs"].append({"from": s, "to": t, "lengths": lengths})
    return out


def negative(g, n):
    """Lengths if each weight gains a potential, which makes some negative and no cycle."""
    rng = random.Random(n)
    potential = [rng.randrange(40) / 4 for _ in range(n)]
    h = g.copy()
    for u, v, d in h.edges(data=True):
        d["weight"] += potential[u] - potential[v]
    return {"potential": potential, "lengths": by_node(nx.single_source_bellman_ford_path_length(h, 0), n)}


def groups(rng, n):
    label = [rng.randrange(5) for _ in range(n)]
    return label, [c for c in ({u for u in range(n) if label[u] == i} for i in range(5)) if c]


def describe(name, g):
    n, directed = g.number_of_nodes(), g.is_directed()
    flat = nx.Graph(g)
    flat.remove_edges_from(list(nx.selfloop_edges(flat)))
    label, communities = groups(random.Random(7), n)
    hubs, authorities = nx.hits(g, max_iter=100000, tol=1e-15)
    out = {
        "name": name, "nodes": n, "directed": directed,
        "edges": [[u, v, d["weight"]] for u, v, d in g.edges(data=True)],
        "paths": paths(g, n),
        "triangles": by_node(nx.triangles(flat), n),
        "clustering": by_node(nx.clustering(flat), n),
        "average_clustering": nx.average_clustering(flat),
        "transitivity": nx.transitivity(flat),
        "cores": by_node(nx.core_number(flat), n),
        "labels": label,
        "modularity": nx.community.modularity(g, communities, weight="weight"),
        "modularity_two": nx.community.modularity(g, communities, weight="weight", resolution=2),
        "hubs": by_node(hubs, n), "authorities": by_node(authorities, n),
        "degree": by_node(nx.degree_centrality(g), n),
        "closeness": by_node(nx.closeness_centrality(g), n),
        "closeness_weighted": by_node(nx.closeness_centrality(g, distance="weight"), n),
        "harmonic": by_node(nx.harmonic_centrality(g), n),
        "betweenness": by_node(nx.betweenness_centrality(g, normalized=False), n),
        "betweenness_weighted": by_node(nx.betweenness_centrality(g, normalized=False, weight="weight"), n),
        "betweenness_normalized": by_node(nx.betweenness_centrality(g), n),
    }
    if directed:
        out["negative"] = negative(g, n)
        out["dag"] = nx.is_directed_acyclic_graph(g)
    else:
        out["louvain"] = nx.community.modularity(g, nx.community.louvain_communities(g, seed=1))
        out["bridges"] = sorted(sorted(b) for b in nx.bridges(flat))
        out["articulation"] = sorted(nx.articulation_points(flat))
        out["forest"] = sum(d["weight"] for _, _, d in nx.minimum_spanning_edges(flat, data=True))
    return out


if __name__ == "__main__":
    all_graphs = [
        describe("directed", make(11, 60, 170, True, False, False)),
        describe("directed, weighted", make(12, 50, 160, True, True, False)),
        describe("undirected", make(13, 70, 130, False, False, False)),
        describe("undirected, weighted", make(14, 40, 90, False, True, False)),
    ]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "algorithms.json")
    with open(path, "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(g) for g in all_graphs) + "\n]\n")
