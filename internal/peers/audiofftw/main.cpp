// The harness for FFTW: the log-mel spectrogram of a signal, over and over.
//
//   g++ -O3 -march=native -o harness main.cpp -lfftw3f -lm
//   harness SAMPLES BANK ROUNDS LOGMEL
//
// SAMPLES holds floats at 16 kHz, BANK 80 rows of 201 weights. Frames have 400 samples, every 160, their middle at a
// multiple of 160, ends reflected. It writes the logarithms of the last round to LOGMEL and prints milliseconds of CPU
// time, one line a round.
#include <fftw3.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

static const int size = 400, hop = 160, bins = size / 2 + 1, mels = 80;

static std::vector<float> read(const char *path) {
  FILE *f = fopen(path, "rb");
  if (!f) {
    perror(path);
    exit(1);
  }
  fseek(f, 0, SEEK_END);
  std::vector<float> v(ftell(f) / sizeof(float));
  rewind(f);
  if (fread(v.data(), sizeof(float), v.size(), f) != v.size()) exit(1);
  fclose(f);
  return v;
}

static double milliseconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

struct Band {
  int first;
  std::vector<float> weights;
};

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const std::vector<float> x = read(argv[1]), bank = read(argv[2]);
  const int rounds = atoi(argv[3]), n = x.size(), frames = n / hop;
  std::vector<Band> bands(mels);
  for (int m = 0; m < mels; m++) {
    const float *row = &bank[m * bins];
    int first = 0, last = bins;
    while (first < last && row[first] == 0) first++;
    while (last > first && row[last - 1] == 0) last--;
    bands[m] = {first, std::vector<float>(row + first, row + last)};
  }
  float *in = fftwf_alloc_real(size), window[size], power[bins];
  fftwf_complex *out = fftwf_alloc_complex(bins);
  fftwf_plan plan = fftwf_plan_dft_r2c_1d(size, in, out, FFTW_MEASURE);
  for (int i = 0; i < size; i++) window[i] = 0.5 - 0.5 * cos(2 * M_PI * i / size);
  std::vector<float> padded(n + size), result(size_t(frames) * mels);
  for (int r = 0; r < rounds; r++) {
    const double start = milliseconds();
    for (int i = 0; i < n + size; i++) {
      int at = abs(i - size / 2);
      padded[i] = x[at < n ? at : 2 * (n - 1) - at];
    }
    float largest = -10;
    for (int f = 0; f < frames; f++) {
      const float *frame = &padded[f * hop];
      for (int i = 0; i < size; i++) in[i] = frame[i] * window[i];
      fftwf_execute(plan);
      for (int i = 0; i < bins; i++) power[i] = out[i][0] * out[i][0] + out[i][1] * out[i][1];
      for (int m = 0; m < mels; m++) {
        const Band &b = bands[m];
        float sum = 0;
        for (size_t i = 0; i < b.weights.size(); i++) sum += b.weights[i] * power[b.first + i];
        const float v = log10f(std::max(sum, 1e-10f));
        largest = std::max(largest, v);
        result[size_t(f) * mels + m] = v;
      }
    }
    for (float &v : result) v = (std::max(v, largest - 8) + 4) / 4;
    printf("%.4f\n", milliseconds() - start);
  }
  FILE *f = fopen(argv[4], "wb");
  if (!f || fwrite(result.data(), sizeof(float), result.size(), f) != result.size()) return 1;
  return fclose(f);
}
