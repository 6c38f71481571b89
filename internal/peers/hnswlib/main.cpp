// The harness for hnswlib: one index over the vectors of a folder, driven by lines on standard input.
//
//   g++ -O3 -march=native -pthread -o harness main.cpp
//   harness FOLDER DIM
//
// The folder holds base.f32 and query.f32, rows of DIM floats, and truth.i32, the ten nearest rows of each query
// by the squared Euclidean distance. Commands, each answered by one line:
//
//   build THREADS EFCONSTRUCTION M   seconds of CPU time, seconds of wall time
//   save, load                       ok
//   delete N                         ok; marks the first N rows as deleted
//   search EF                        seconds of CPU time of this thread for all queries, share of the truth found
#include <hnswlib/hnswlib.h>

#include <atomic>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using Index = hnswlib::HierarchicalNSW<float>;

static double seconds(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

template <class T>
static std::vector<T> read(const std::string &path) {
  FILE *f = fopen(path.c_str(), "rb");
  if (!f) {
    perror(path.c_str());
    exit(1);
  }
  fseek(f, 0, SEEK_END);
  std::vector<T> v(ftell(f) / sizeof(T));
  rewind(f);
  if (fread(v.data(), sizeof(T), v.size(), f) != v.size()) exit(1);
  fclose(f);
  return v;
}

static void build(Index &index, const std::vector<float> &base, size_t dim, int threads) {
  const size_t n = base.size() / dim;
  index.addPoint(&base[0], 0);
  std::atomic<size_t> next{1};
  auto work = [&] {
    for (size_t i; (i = next++) < n;) index.addPoint(&base[i * dim], i);
  };
  std::vector<std::thread> crew;
  for (int t = 1; t < threads; t++) crew.emplace_back(work);
  work();
  for (auto &t : crew) t.join();
}

static void search(Index &index, const std::vector<float> &queries, size_t dim, const std::vector<int> &truth) {
  constexpr int k = 10;
  const size_t n = queries.size() / dim;
  std::vector<int> found(n * k, -1);
  const double start = seconds(CLOCK_THREAD_CPUTIME_ID);
  for (size_t q = 0; q < n; q++) {
    auto hits = index.searchKnn(&queries[q * dim], k);
    for (int i = 0; !hits.empty(); i++, hits.pop()) found[q * k + i] = hits.top().second;
  }
  const double took = seconds(CLOCK_THREAD_CPUTIME_ID) - start;
  size_t right = 0;
  for (size_t q = 0; q < n; q++)
    for (int i = 0; i < k; i++)
      for (int j = 0; j < k; j++) right += found[q * k + i] == truth[q * k + j];
  printf("%.9f %.6f\n", took, double(right) / double(n * k));
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const std::string folder = argv[1];
  const size_t dim = std::stoul(argv[2]);
  const auto base = read<float>(folder + "/base.f32"), queries = read<float>(folder + "/query.f32");
  const auto truth = read<int>(folder + "/truth.i32");
  hnswlib::L2Space space(dim);
  std::unique_ptr<Index> index;
  for (std::string verb; std::cin >> verb; fflush(stdout)) {
    if (verb == "build") {
      int threads, ef, m;
      std::cin >> threads >> ef >> m;
      const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
      index = std::make_unique<Index>(&space, base.size() / dim, m, ef);
      build(*index, base, dim, threads);
      printf("%.9f %.9f\n", seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, seconds(CLOCK_MONOTONIC) - wall);
    } else if (verb == "save") {
      index->saveIndex(folder + "/hnswlib.index");
      puts("ok");
    } else if (verb == "load") {
      index = std::make_unique<Index>(&space, folder + "/hnswlib.index");
      puts("ok");
    } else if (verb == "delete") {
      size_t n;
      std::cin >> n;
      for (size_t i = 0; i < n; i++) index->markDelete(i);
      puts("ok");
    } else if (verb == "search") {
      size_t ef;
      std::cin >> ef;
      index->setEf(ef);
      search(*index, queries, dim, truth);
    } else {
      return 2;
    }
  }
}
