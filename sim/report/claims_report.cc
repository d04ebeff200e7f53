// JUnit's format has no standard; this is what Jenkins, GitLab and GitHub's actions read: testsuites, testsuite, testcase with a
// failure, an error or skipped. Workflow commands are described in GitHub's documentation.
#include "sim/report/claims_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/report/words.h"

namespace racelab {

namespace {

using Found = VerifiedClaim::Found;

// A file's name may hold any byte, and XML no control character but tabs and line feeds.
std::string xml_text(std::string_view text) {
  std::string made;
  for (const char c : utf8_text(text)) {
    switch (c) {
      case '&':
        made += "&amp;";
        break;
      case '<':
        made += "&lt;";
        break;
      case '>':
        made += "&gt;";
        break;
      case '"':
        made += "&quot;";
        break;
      case '\n':
      case '\t':
        made += c;
        break;
      default:
        made += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    }
  }
  return made;
}

std::string xml_attribute(std::string_view text) {
  std::string made;
  for (const char c : xml_text(text)) {
    if (c == '\n' || c == '\t') {
      made += c == '\n' ? "&#10;" : "&#9;";
    } else {
      made += c;
    }
  }
  return made;
}

struct ClaimCounts {
  std::size_t all = 0;
  std::size_t refuted = 0;
  std::size_t gave_up = 0;
  std::size_t not_applicable = 0;
  double seconds = 0;

  void add(const VerifiedClaim& claim) {
    ++all;
    refuted += claim.found == Found::refuted ? 1 : 0;
    gave_up += claim.found == Found::gave_up ? 1 : 0;
    not_applicable += claim.found == Found::not_applicable ? 1 : 0;
    seconds += claim.seconds;
  }
  [[nodiscard]] std::string attributes() const {
    return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}" time="{:.3f}")", all,
                       refuted, gave_up, not_applicable, seconds);
  }
};

std::string test_case(const VerifiedClaim& claim) {
  std::string text =
      fmt::format(R"(    <testcase classname="{}" name="{}" time="{:.3f}")",
                  xml_attribute(claim.scenario), xml_attribute(claim.name), claim.seconds);
  if (!claim.file.empty()) {
    text += fmt::format(R"( file="{}")", xml_attribute(claim.file));
    text += claim.line == 0 ? "" : fmt::format(R"( line="{}")", claim.line);
  }
  const std::string says = xml_attribute(claim.says);
  switch (claim.found) {
    case Found::as_derived:
      return text + "/>\n";
    case Found::refuted:
      text += fmt::format(">\n      <failure type=\"not-as-derived\" message=\"{}\">{}</failure>\n",
                          says, xml_text(claim.counterexample));
      break;
    case Found::gave_up:
      text += fmt::format(">\n      <error type=\"gave-up\" message=\"{}\"/>\n", says);
      break;
    case Found::not_applicable:
      text += fmt::format(">\n      <skipped message=\"{}\"/>\n", says);
      break;
  }
  return text + "    </testcase>\n";
}

// A property of a workflow command may hold no colon and no comma besides.
std::string github_text(std::string_view text, bool property) {
  std::string made;
  for (const char c : text) {
    const bool escaped = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    made += escaped ? fmt::format("%{:02X}", static_cast<unsigned>(c)) : std::string(1, c);
  }
  return made;
}

std::string annotation(const VerifiedClaim& claim) {
  std::string text = "::error ";
  if (!claim.file.empty()) {
    text += fmt::format("file={},", github_text(claim.file, true));
    text += claim.line == 0 ? "" : fmt::format("line={},", claim.line);
  }
  const std::string title = fmt::format("{}: {}", claim.scenario, claim.name);
  std::string words = claim.found == Found::gave_up ? "gave up: " : "not as derived: ";
  words += claim.says;
  if (!claim.counterexample.empty()) {
    words.append("\n\n").append(claim.counterexample);
  }
  return text + fmt::format("title={}::{}\n", github_text(title, true), github_text(words, false));
}

}  // namespace

std::string junit_xml(const std::vector<VerifiedClaim>& claims) {
  ClaimCounts all;
  std::vector<std::string> scenarios;
  for (const VerifiedClaim& claim : claims) {
    all.add(claim);
    if (std::find(scenarios.begin(), scenarios.end(), claim.scenario) == scenarios.end()) {
      scenarios.push_back(claim.scenario);
    }
  }
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  text += fmt::format("<testsuites name=\"racelab verify\" {}>\n", all.attributes());
  for (const std::string& scenario : scenarios) {
    ClaimCounts counts;
    std::string cases;
    for (const VerifiedClaim& claim : claims) {
      if (claim.scenario == scenario) {
        counts.add(claim);
        cases += test_case(claim);
      }
    }
    text += fmt::format("  <testsuite name=\"{}\" {}>\n{}  </testsuite>\n", xml_attribute(scenario),
                        counts.attributes(), cases);
  }
  return text + "</testsuites>\n";
}

std::string github_commands(const std::vector<VerifiedClaim>& claims) {
  ClaimCounts counts;
  std::string text;
  for (const VerifiedClaim& claim : claims) {
    counts.add(claim);
    if (claim.found == Found::refuted || claim.found == Found::gave_up) {
      text += annotation(claim);
    }
  }
  return text + fmt::format(
                    "racelab verify: {}: {} as derived, {} not, {} given up, {} not "
                    "applicable\n",
                    counted(counts.all, "claim"),
                    counts.all - counts.refuted - counts.gave_up - counts.not_applicable,
                    counts.refuted, counts.gave_up, counts.not_applicable);
}

}  // namespace racelab
