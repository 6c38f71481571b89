// The harness for igraph: one graph, driven by lines on standard input.
//
//   gcc -O3 -o harness igraph.c -ligraph -lm
//   harness FILE
//
// The file holds the numbers of nodes and edges, then two nodes and a weight for each edge, 4 bytes each. Each command is
// answered by one line: seconds of CPU time, and a number that says what was found.
//
//   memory                    seconds to make the graph, bytes that it takes without weights
//   bfs NODES...              nodes reached from each
//   pagerank                  0
//   components                their number
//   triangles                 their number
//   sssp NODES...             sum of the lengths
//   betweenness NODES...      0
//   louvain, leiden           modularity
#include <igraph/igraph.h>
#include <malloc.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static igraph_t graph;
static igraph_vector_t weights;

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static size_t used(void) {
  struct mallinfo2 m = mallinfo2();
  return m.uordblks + m.hblkhd;
}

static double bfs(igraph_integer_t source) {
  igraph_vector_int_t order, parents;
  igraph_vector_int_init(&order, 0);
  igraph_vector_int_init(&parents, 0);
  igraph_bfs_simple(&graph, source, IGRAPH_ALL, &order, NULL, &parents);
  double reached = igraph_vector_int_size(&order);
  igraph_vector_int_destroy(&order);
  igraph_vector_int_destroy(&parents);
  return reached;
}

static double sssp(igraph_integer_t source) {
  igraph_matrix_t lengths;
  igraph_matrix_init(&lengths, 0, 0);
  igraph_distances_dijkstra(&graph, &lengths, igraph_vss_1(source), igraph_vss_all(), &weights, IGRAPH_ALL);
  double sum = 0;
  for (igraph_integer_t i = 0; i < igraph_vcount(&graph); i++)
    if (isfinite(MATRIX(lengths, 0, i))) sum += MATRIX(lengths, 0, i);
  igraph_matrix_destroy(&lengths);
  return sum;
}

static double betweenness(char *nodes) {
  igraph_vector_int_t sources;
  igraph_vector_t scores;
  igraph_vector_int_init(&sources, 0);
  igraph_vector_init(&scores, 0);
  for (char *s = strtok(nodes, " "); s; s = strtok(NULL, " ")) igraph_vector_int_push_back(&sources, atol(s));
  igraph_betweenness_subset(&graph, &scores, igraph_vss_all(), 0, igraph_vss_vector(&sources), igraph_vss_all(), NULL);
  igraph_vector_destroy(&scores);
  igraph_vector_int_destroy(&sources);
  return 0;
}

static double each(char *nodes, double (*search)(igraph_integer_t)) {
  double sum = 0;
  for (char *s = strtok(nodes, " "); s; s = strtok(NULL, " ")) sum += search(atol(s));
  return sum;
}

static double pagerank(void) {
  igraph_vector_t ranks;
  igraph_vector_init(&ranks, 0);
  igraph_pagerank(&graph, IGRAPH_PAGERANK_ALGO_PRPACK, &ranks, NULL, igraph_vss_all(), 0, 0.85, NULL, NULL);
  igraph_vector_destroy(&ranks);
  return 0;
}

static double components(void) {
  igraph_vector_int_t label;
  igraph_integer_t count;
  igraph_vector_int_init(&label, 0);
  igraph_connected_components(&graph, &label, NULL, &count, IGRAPH_WEAK);
  igraph_vector_int_destroy(&label);
  return count;
}

static double triangles(void) {
  igraph_vector_t counts;
  igraph_vector_init(&counts, 0);
  igraph_adjacent_triangles(&graph, &counts, igraph_vss_all());
  double all = igraph_vector_sum(&counts) / 3;
  igraph_vector_destroy(&counts);
  return all;
}

static double louvain(void) {
  igraph_vector_int_t label;
  igraph_vector_t quality;
  igraph_vector_int_init(&label, 0);
  igraph_vector_init(&quality, 0);
  igraph_community_multilevel(&graph, NULL, 1, &label, NULL, &quality);
  double best = igraph_vector_max(&quality);
  igraph_vector_destroy(&quality);
  igraph_vector_int_destroy(&label);
  return best;
}

static double leiden(void) {
  igraph_vector_int_t label;
  igraph_vector_t degrees;
  igraph_integer_t count;
  igraph_real_t quality;
  igraph_vector_int_init(&label, 0);
  igraph_vector_init(&degrees, 0);
  igraph_strength(&graph, &degrees, igraph_vss_all(), IGRAPH_ALL, 1, NULL);
  double all = 2.0 * igraph_ecount(&graph);
  igraph_community_leiden(&graph, NULL, &degrees, 1 / all, 0.01, 0, 2, &label, &count, &quality);
  igraph_modularity(&graph, &label, NULL, 1, 0, &quality);
  igraph_vector_destroy(&degrees);
  igraph_vector_int_destroy(&label);
  return quality;
}

static void make(const char *name, double *took, size_t *bytes) {
  FILE *f = fopen(name, "rb");
  uint32_t head[2];
  if (!f || fread(head, 4, 2, f) != 2) exit(1);
  igraph_vector_int_t ends;
  igraph_vector_int_init(&ends, 2 * (igraph_integer_t)head[1]);
  igraph_vector_init(&weights, head[1]);
  for (igraph_integer_t i = 0; i < head[1]; i++) {
    uint32_t e[3];
    float w;
    if (fread(e, 4, 3, f) != 3) exit(1);
    memcpy(&w, &e[2], 4);
    VECTOR(ends)[2 * i] = e[0];
    VECTOR(ends)[2 * i + 1] = e[1];
    VECTOR(weights)[i] = w;
  }
  fclose(f);
  size_t before = used();
  double start = seconds();
  igraph_create(&graph, &ends, head[0], IGRAPH_UNDIRECTED);
  *took = seconds() - start;
  *bytes = used() - before;
  igraph_vector_int_destroy(&ends);
}

static double answer(const char *command, char *nodes) {
  if (!strcmp(command, "bfs")) return each(nodes, bfs);
  if (!strcmp(command, "sssp")) return each(nodes, sssp);
  if (!strcmp(command, "betweenness")) return betweenness(nodes);
  if (!strcmp(command, "pagerank")) return pagerank();
  if (!strcmp(command, "components")) return components();
  if (!strcmp(command, "triangles")) return triangles();
  if (!strcmp(command, "louvain")) return louvain();
  if (!strcmp(command, "leiden")) return leiden();
  exit(2);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  double made;
  size_t bytes;
  make(argv[1], &made, &bytes);
  igraph_rng_seed(igraph_rng_default(), 1);
  char line[1000];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    char *nodes = strchr(line, ' ');
    if (nodes) *nodes++ = 0;
    if (!strcmp(line, "memory")) {
      printf("%.9f %zu\n", made, bytes);
    } else {
      double start = seconds();
      double found = answer(line, nodes);
      printf("%.9f %.17g\n", seconds() - start, found);
    }
    fflush(stdout);
  }
}
