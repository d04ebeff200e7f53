// The graph of states against the odometer on random little strategies.
#include <gtest/gtest.h>
#include <fstream>
#include <iostream>
#include <map>

#include "tests/explore/oracle.h"
#include "tests/explore/random_programs.h"

namespace racelab::lab {
namespace {

TEST(RandomPrograms, scratch) {
  std::uint64_t total = 0, skipped = 0;
  const char* n = getenv("SEEDS");
  const char* from = getenv("FROM");
  std::uint64_t start = from ? strtoull(from, nullptr, 10) : 0;
  int bad = 0;
  for (std::uint64_t seed = start; seed < start + (n ? strtoull(n, nullptr, 10) : 3000); ++seed) {
    const RandomExperiment experiment(seed);
    const auto orders =
        expect_agreement(experiment.settings, experiment.fleet,
                         "seed " + std::to_string(seed) + " " + experiment.text, 500);
    total += orders;
    skipped += orders == 0;
    if (HasFailure() && ++bad) break;
  }
  std::cout << total << " orders, skipped " << skipped << "\n";
}

void dump_model(Model& model, std::vector<std::string>& words, const std::string& prefix) {
  std::vector<Step> steps;
  model.alternatives(steps);
  if (steps.empty()) {
    words.push_back(prefix + "  " + to_text(model.outcome()));
    return;
  }
  Arena::Snapshot at;
  model.save(at);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    model.restore(at);
    Step step = steps[i];
    std::string w = word_of(move_of(model, step));
    auto effects = model.take(step);
    std::vector<Step> variants;
    model.variants(step, effects, variants);
    steps.insert(steps.begin() + (std::ptrdiff_t)i + 1, variants.begin(), variants.end());
    dump_model(model, words, prefix + w);
  }
}

std::string collide(Model& model, std::map<Fingerprint, std::pair<std::string, std::string>>& known,
                    const std::string& prefix, bool symmetry) {
  std::vector<Step> steps;
  model.alternatives(steps);
  std::string all;
  const Fingerprint name = model.name(symmetry);
  if (steps.empty()) {
    all = to_text(model.outcome()) + "\n";
  }
  Arena::Snapshot at;
  model.save(at);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    model.restore(at);
    Step step = steps[i];
    std::string w = word_of(move_of(model, step));
    auto effects = model.take(step);
    std::vector<Step> variants;
    model.variants(step, effects, variants);
    steps.insert(steps.begin() + (std::ptrdiff_t)i + 1, variants.begin(), variants.end());
    std::string rest = collide(model, known, prefix + w, symmetry);
    std::size_t from = 0;
    while (from < rest.size()) {
      auto e = rest.find('\n', from);
      all += w + " " + rest.substr(from, e - from) + "\n";
      from = e + 1;
    }
  }
  auto [it, fresh] = known.emplace(name, std::pair(prefix, all));
  if (!fresh && it->second.second != all && !symmetry) {
    std::cout << "COLLISION " << prefix << " and " << it->second.first << "\n"
              << all << "---\n"
              << it->second.second << "\n";
    exit(1);
  }
  return all;
}

TEST(RandomPrograms, collide) {
  const RandomExperiment experiment(strtoull(getenv("FROM"), nullptr, 10));
  std::cout << experiment.text;
  const racelab::Setup setup(experiment.settings, experiment.fleet);
  Model model(setup);
  std::map<Fingerprint, std::pair<std::string, std::string>> known;
  collide(model, known, "", false);
}

TEST(RandomPrograms, words) {
  std::uint64_t total = 0;
  const char* n = getenv("SEEDS");
  const char* from = getenv("FROM");
  std::uint64_t start = from ? strtoull(from, nullptr, 10) : 0;
  for (std::uint64_t seed = start; seed < start + (n ? strtoull(n, nullptr, 10) : 3000); ++seed) {
    const RandomExperiment experiment(seed);
    total += expect_words_and_replays(experiment.settings, experiment.fleet,
                                      "seed " + std::to_string(seed) + " " + experiment.text, 60);
    if (HasFailure()) break;
  }
  std::cout << total << " orders\n";
}

TEST(RandomPrograms, dump) {
  const RandomExperiment experiment(strtoull(getenv("FROM"), nullptr, 10));
  std::cout << experiment.text;
  const racelab::Setup setup(experiment.settings, experiment.fleet);
  Model model(setup);
  std::vector<std::string> words;
  dump_model(model, words, "");
  std::ofstream a("/tmp/h_model.txt"), b("/tmp/h_odo.txt");
  for (auto& w : words) a << w << "\n";
  Runner runner(experiment.settings, experiment.fleet);
  Odometer odometer(experiment.settings.faults, 1000);
  while (odometer.next_order(false)) {
    auto run = runner.run_under(odometer);
    Model again(setup);
    auto moves = moves_of(again, odometer.taken());
    b << word_of(moves) << (moves.size() < odometer.taken().size() ? "!" : "") << "  "
      << to_text(outcome_of(run)) << "\n";
  }
}

}  // namespace
}  // namespace racelab::lab
