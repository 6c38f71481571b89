// The harness for soxr: a signal of one channel resampled in one go, over and over.
//
//   g++ -O3 -march=native -o harness main.cpp -lsoxr
//   harness SAMPLES FROM TO ROUNDS
//
// SAMPLES holds floats. It prints milliseconds of CPU time at the quality HQ, one line a round.
#include <soxr.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

static double milliseconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  FILE *f = fopen(argv[1], "rb");
  if (!f) {
    perror(argv[1]);
    return 1;
  }
  fseek(f, 0, SEEK_END);
  std::vector<float> x(ftell(f) / sizeof(float));
  rewind(f);
  if (fread(x.data(), sizeof(float), x.size(), f) != x.size()) return 1;
  fclose(f);
  const double from = atof(argv[2]), to = atof(argv[3]);
  std::vector<float> y(size_t(x.size() * to / from) + 16);
  for (int r = atoi(argv[4]); r > 0; r--) {
    const double start = milliseconds();
    soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
    size_t done = 0;
    if (soxr_oneshot(from, to, 1, x.data(), x.size(), nullptr, y.data(), y.size(), &done, &io, &quality, &runtime)) return 1;
    printf("%.4f\n", milliseconds() - start);
  }
}
