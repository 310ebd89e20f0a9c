// Runs a fuzz target without libFuzzer on every file of its corpus, and on altered copies of them (a fixed
// seed, so that every run is the same). Any crash fails the test; it names the file and the number of the
// copy.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

constexpr std::size_t kCopies = 3000;  // of all files together

// What runs now, for the signal handler.
const char* current_file = "";
std::size_t current_copy = 0;

void report_crash(int signal) {
  std::fprintf(stderr, "crashed on '%s', altered copy %zu\n", current_file, current_copy);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::size_t below(std::mt19937& random, std::size_t bound) {
  return bound == 0 ? 0 : random() % bound;
}

void overwrite(Input& input, std::size_t at, std::mt19937& random) {
  static constexpr std::array<std::uint8_t, 6> kTelling{0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF};
  input[at] = random() % 2 ? kTelling[below(random, kTelling.size())] : static_cast<std::uint8_t>(random());
}

void alter(Input& input, std::mt19937& random) {
  const std::size_t at = below(random, input.size());
  const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
  const auto few = static_cast<std::ptrdiff_t>(std::min(input.size() - at, 1 + below(random, 16)));
  switch (random() % 6) {
    case 0:
      input.resize(at);
      return;
    case 1:
      input.insert(place, static_cast<std::size_t>(few), static_cast<std::uint8_t>(random()));
      return;
    case 2:
      input.erase(place, place + few);
      return;
    case 3:
      if (!input.empty()) input[at] ^= static_cast<std::uint8_t>(1u << random() % 8);
      return;
    default:
      for (std::ptrdiff_t i = 0; i < few; ++i) overwrite(input, at + static_cast<std::size_t>(i), random);
  }
}

void run(const Input& input) {
  // A copy of exactly the input's size: the vector's spare room would hide a step over its end.
  const Input exact(input.begin(), input.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

void replay(const std::filesystem::path& path, std::size_t copies) {
  std::ifstream file(path, std::ios::binary);
  const Input input{std::istreambuf_iterator<char>(file), {}};
  current_file = path.c_str();
  current_copy = 0;
  run(input);
  std::mt19937 random(1);
  for (current_copy = 1; current_copy <= copies; ++current_copy) {
    Input altered = input;
    for (std::size_t changes = 1 + random() % 4; changes > 0; --changes) alter(altered, random);
    run(altered);
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE}) std::signal(signal, report_crash);
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& path : files) replay(path, kCopies / files.size());
  std::printf("replayed %zu inputs, each with %zu altered copies\n", files.size(),
              files.empty() ? 0 : kCopies / files.size());
  return files.empty() ? 1 : 0;
}
