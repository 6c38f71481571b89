// The harness for OpenCV, driven by lines on standard input as vision.go says.
//
//   g++ -O3 -march=native -o harness opencv.cpp $(pkg-config --cflags opencv4) -lopencv_imgcodecs -lopencv_imgproc -lopencv_core
//   harness FOLDER
#include <cstdio>
#include <ctime>
#include <functional>
#include <iostream>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

// Result is what a task made, with samples from 0 to 255 or, normalised, from -1 to 1.
struct Result {
  cv::Mat picture;
  bool normalised;
};

static double seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static std::vector<uchar> read(const std::string &path) {
  FILE *f = fopen(path.c_str(), "rb");
  if (!f) {
    perror(path.c_str());
    exit(1);
  }
  fseek(f, 0, SEEK_END);
  std::vector<uchar> v(ftell(f));
  rewind(f);
  if (fread(v.data(), 1, v.size(), f) != v.size()) exit(1);
  fclose(f);
  return v;
}

// mean is that of the samples as if they were from 0 to 255.
static double mean(const Result &r) {
  const cv::Scalar s = cv::mean(r.picture);
  const double m = (s[0] + s[1] + s[2]) / 3;
  return r.normalised ? 127.5 * (m + 1) : m;
}

// tensor is 3 planes of 224 by 224 samples from -1 to 1, red first.
static Result tensor(const std::vector<uchar> &jpeg, int flags) {
  cv::Mat small, rgb, scaled;
  cv::resize(cv::imdecode(jpeg, flags), small, {224, 224}, 0, 0, cv::INTER_AREA);
  cv::cvtColor(small, rgb, cv::COLOR_BGR2RGB);
  rgb.convertTo(scaled, CV_32FC3, 1 / 127.5, -1);
  std::vector<float> out(3 * 224 * 224);
  std::vector<cv::Mat> planes;
  for (int c = 0; c < 3; c++) planes.emplace_back(224, 224, CV_32F, &out[c * 224 * 224]);
  cv::split(scaled, planes);
  return {scaled, true};
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  cv::setNumThreads(1);
  const std::string folder = argv[1];
  const auto large = read(folder + "/12mp.jpg"), medium = read(folder + "/1mp.jpg");
  const cv::Mat pixels = cv::imdecode(large, cv::IMREAD_COLOR);
  const std::map<std::string, std::function<Result()>> tasks{
      {"tensor_12mp", [&] { return tensor(large, cv::IMREAD_REDUCED_COLOR_4); }},
      {"tensor_1mp", [&] { return tensor(medium, cv::IMREAD_REDUCED_COLOR_2); }},
      {"decode_12mp", [&] { return Result{cv::imdecode(large, cv::IMREAD_COLOR), false}; }},
      {"resize_12mp",
       [&] {
         cv::Mat m;
         cv::resize(pixels, m, {1152, 864}, 0, 0, cv::INTER_AREA);
         return Result{m, false};
       }},
  };
  std::string name;
  for (int times; std::cin >> name >> times; fflush(stdout)) {
    Result r{};
    const double start = seconds();
    for (int i = 0; i < times; i++) r = tasks.at(name)();
    const double used = seconds() - start;
    printf("%.9f %d %d %.3f\n", used, r.picture.cols, r.picture.rows, mean(r));
  }
}
