"""The harness for NetworkX: the commands of igraph.c, but for memory.

    python3 networkx.py FILE
"""
import math
import struct
import sys
import time

sys.path.pop(0)  # this folder, where this file has the name of the library
import networkx as nx


def read(name):
    graph = nx.Graph()
    with open(name, "rb") as f:
        nodes, _ = struct.unpack("<II", f.read(8))
        graph.add_nodes_from(range(nodes))
        for u, v, w in struct.iter_unpack("<IIf", f.read()):
            graph.add_edge(u, v, weight=w)
    return graph


def betweenness(graph, sources):
    nx.betweenness_centrality_subset(graph, sources, list(graph))
    return 0


def pagerank(graph, _):
    nx.pagerank(graph, weight=None, max_iter=1000)
    return 0


def louvain(graph, _):
    parts = nx.community.louvain_communities(graph, weight=None, seed=1)
    return nx.community.modularity(graph, parts, weight=None)


COMMANDS = {
    "bfs": lambda g, sources: sum(len(nx.single_source_shortest_path_length(g, s)) for s in sources),
    "pagerank": pagerank,
    "components": lambda g, _: nx.number_connected_components(g),
    "triangles": lambda g, _: sum(nx.triangles(g).values()) // 3,
    "sssp": lambda g, sources: sum(
        l for s in sources for l in nx.single_source_dijkstra_path_length(g, s).values() if math.isfinite(l)),
    "betweenness": betweenness,
    "louvain": louvain,
}

graph = read(sys.argv[1])
for line in sys.stdin:
    command, *sources = line.split()
    start = time.process_time()
    found = COMMANDS[command](graph, [int(s) for s in sources])
    print(time.process_time() - start, found, flush=True)
