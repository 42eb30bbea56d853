// Runs a fuzz target without libFuzzer: on each file of its corpus, and on mutations of them that
// the seed determines.
//
//   fuzz_NAME CORPUS [RUNS [SEED]]
//
// A crash is reported with the run it happened in; the same seed gets there again.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;
using Random = std::mt19937_64;

constexpr std::size_t input_bytes_max = 4096;
constexpr int edits_max = 6;

volatile std::sig_atomic_t run_now = 0;

extern "C" void tell_run(int signal) {
  char text[64];
  auto end = fmt::format_to_n(text, sizeof text, "died in run {}\n", static_cast<int>(run_now)).out;
  [[maybe_unused]] auto written = write(STDERR_FILENO, text, static_cast<std::size_t>(end - text));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> read_corpus(const fs::path& directory) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(directory))
    paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<std::string> out;
  for (const auto& path : paths)
    out.push_back(read(path));
  return out;
}

// libFuzzer's form: one word in quotes on each line.
std::vector<std::string> read_words(const fs::path& path) {
  std::vector<std::string> out;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    auto from = line.find('"'), to = line.rfind('"');
    if (line.starts_with('#') || from == std::string::npos || to <= from) continue;
    auto word = line.substr(from + 1, to - from - 1);
    std::erase(word, '\\');
    out.push_back(word);
  }
  return out;
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, std::vector<std::string> words,
          std::uint64_t seed)
      : corpus_(corpus), words_(std::move(words)), random_(seed) {}

  std::string next() {
    auto text = corpus_[below(corpus_.size())];
    for (auto edits = 1 + below(edits_max); edits > 0; --edits)
      edit(text);
    text.resize(std::min(text.size(), input_bytes_max));
    return text;
  }

 private:
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }

  void edit(std::string& text) {
    auto at = below(text.size() + 1);
    auto length = std::min(below(16) + 1, text.size() - at);
    switch (below(7)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, text.substr(at, length));
        break;
      case 2:
        text.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 4:
        if (!words_.empty()) text.insert(at, words_[below(words_.size())]);
        break;
      case 5: {
        const auto& other = corpus_[below(corpus_.size())];
        auto from = below(other.size() + 1);
        text.replace(at, length, other, from, below(64));
        break;
      }
      default:
        // The same again and again: depth and length.
        for (auto times = below(64), size = text.size(); times > 0 && size > 0; --times)
          text.insert(at, text.substr(at, length));
    }
  }

  const std::vector<std::string>& corpus_;
  std::vector<std::string> words_;
  Random random_;
};

void feed(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  fs::path directory = argv[1];
  int runs = argc > 2 ? std::atoi(argv[2]) : 1000;
  std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  for (int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGBUS})
    std::signal(signal, tell_run);

  auto corpus = read_corpus(directory);
  if (corpus.empty()) {
    fmt::print(stderr, "{}: there is no corpus\n", directory.string());
    return 1;
  }
  for (const auto& text : corpus)
    feed(text);
  Mutator mutator(corpus, read_words(directory.string() + ".dict"), seed);
  for (int run = 1; run <= runs; ++run) {
    run_now = run;
    feed(mutator.next());
  }
  fmt::print(stderr, "{} files and {} mutations\n", corpus.size(), runs);
  return 0;
}
