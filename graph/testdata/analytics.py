"""Writes analytics.json beside it: seeded graphs with what NetworkX and igraph say of them.

Run with Debian's python3, python3-networkx and python3-igraph. Infinity is written as -1.
"""
import json
import os
import random

import igraph
import networkx as nx
from networkx.algorithms import bipartite


def by_node(scores, n):
    return [scores.get(u, -1) for u in range(n)]


def make(seed, nodes, edges, directed):
    rng = random.Random(seed)
    g = nx.DiGraph() if directed else nx.Graph()
    g.add_nodes_from(range(nodes))
    for _ in range(edges):
        u, v = rng.randrange(nodes), rng.randrange(nodes)
        if u != v and not g.has_edge(u, v):
            # Quarters are exact in float32.
            g.add_edge(u, v, weight=rng.randrange(1, 40) / 4)
    return g


def similarity(g, n):
    rng = random.Random(n)
    pairs = [(rng.randrange(n), rng.randrange(n)) for _ in range(80)]
    pairs = [(u, v) for u, v in pairs if u != v]
    return {
        "pairs": pairs,
        "scores": [
            [p for _, _, p in nx.jaccard_coefficient(g, pairs)],
            [p for _, _, p in nx.adamic_adar_index(g, pairs)],
            [p for _, _, p in nx.resource_allocation_index(g, pairs)],
            [len(list(nx.common_neighbors(g, u, v))) for u, v in pairs],
            [p for _, _, p in nx.preferential_attachment(g, pairs)],
        ],
    }


def trusses(g, edges):
    number = {}
    k = 2
    while True:
        h = nx.k_truss(g, k)
        if h.number_of_edges() == 0:
            break
        for u, v in h.edges():
            number[frozenset((u, v))] = k
        k += 1
    return [number[frozenset(e[:2])] for e in edges]


def flow(g, n):
    out = []
    for s, t in [(0, n - 1), (1, 2), (3, n // 2)]:
        out.append({"from": s, "to": t, "value": nx.maximum_flow_value(g, s, t, capacity="weight")})
    return out


def dominators(g, n):
    idom = nx.immediate_dominators(g, 0)
    return [-1 if u == 0 else idom.get(u, -1) for u in range(n)]


def describe(name, g):
    n, directed = g.number_of_nodes(), g.is_directed()
    edges = [[u, v, d["weight"]] for u, v, d in g.edges(data=True)]
    ig = igraph.Graph(n, [e[:2] for e in edges], directed=directed)
    between = nx.edge_betweenness_centrality(g, normalized=False)
    by_weight = nx.edge_betweenness_centrality(g, normalized=False, weight="weight")
    lengths = dict(nx.all_pairs_dijkstra_path_length(g))
    out = {
        "name": name, "nodes": n, "directed": directed, "edges": edges,
        "edge_betweenness": [between[u, v] for u, v, _ in edges],
        "edge_betweenness_weighted": [by_weight[u, v] for u, v, _ in edges],
        "katz": by_node(nx.katz_centrality(g, alpha=0.02, tol=1e-14, max_iter=100000, normalized=False), n),
        "katz_weighted": by_node(
            nx.katz_centrality(g, alpha=0.004, beta=2, tol=1e-14, max_iter=100000, weight="weight"), n),
        "flow": flow(g, n),
        "all_pairs": [by_node(lengths[u], n) for u in range(n)],
        "eccentricity": [int(x) for x in ig.eccentricity(mode="out")],
        "diameter": ig.diameter(directed=directed), "radius": int(ig.radius(mode="out")),
    }
    if directed:
        out["dominators"] = dominators(g, n)
    else:
        big = g.subgraph(max(nx.connected_components(g), key=len))
        out["similarity"] = similarity(g, n)
        out["trusses"] = trusses(g, edges)
        eigen = nx.eigenvector_centrality(g, tol=1e-15, max_iter=100000)
        out["eigenvector"] = by_node(eigen, n)
        out["matching"] = len(nx.max_weight_matching(g, maxcardinality=True, weight=None))
        out["connected"] = len(big) == n
    return out


def two_sided(seed, left, right, edges):
    rng = random.Random(seed)
    g = nx.Graph()
    g.add_nodes_from(range(left + right))
    for _ in range(edges):
        g.add_edge(rng.randrange(left), left + rng.randrange(right))
    found = bipartite.hopcroft_karp_matching(g, top_nodes=range(left))
    return {"nodes": left + right, "edges": list(g.edges()), "matching": len(found) // 2}


if __name__ == "__main__":
    out = {
        "graphs": [
            describe("directed", make(21, 60, 240, True)),
            describe("directed, sparse", make(22, 50, 75, True)),
            describe("undirected", make(23, 60, 170, False)),
            describe("undirected, sparse", make(24, 60, 70, False)),
            describe("undirected, dense", make(25, 30, 200, False)),
        ],
        "bipartite": [two_sided(31, 20, 30, 40), two_sided(32, 40, 25, 90), two_sided(33, 30, 30, 45)],
    }
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "analytics.json")
    with open(path, "w") as f:
        graphs = ",\n".join(json.dumps(g) for g in out["graphs"])
        f.write('{"graphs": [\n' + graphs + '\n],\n"bipartite": ' + json.dumps(out["bipartite"]) + "}\n")
