// Pages as a terminal shows them: each block by a literal page.
#include <gtest/gtest.h>

#include "sim/report/text_layout.h"

namespace racelab::page_text_test {
namespace {

std::string text_of(std::vector<Block> blocks, bool color = false) {
  return page_text({std::move(blocks)}, {color});
}

TEST(PageText, AHeadlineIsWrappedUnderTheTextColumn) {
  EXPECT_EQ(text_of({Headline{Tone::bad, "VIOLATED",
                              "1 lost update: A was told ok, and its +1 is "
                              "gone, as everybody could see who looked"}}),
            "VIOLATED  1 lost update: A was told ok, and its +1 is gone, as everybody could\n"
            "        see who looked\n");
}

TEST(PageText, AToneIsAColorOnlyWhereColorsAreWanted) {
  const std::vector<Block> page{Headline{Tone::good, "HOLDS", "2 of 2"},
                                Labelled{"USE", "this", Tone::open},
                                Line{{{"a "}, {"b", Tone::bad}, {"c", series_tone('G')}}}};
  EXPECT_EQ(text_of(page), "HOLDS  2 of 2\nUSE     this\na bc\n");
  EXPECT_EQ(text_of(page, true),
            "\x1b[32mHOLDS\x1b[0m  2 of 2\n\x1b[33mUSE\x1b[0m     this\n"
            "a \x1b[31mb\x1b[0m\x1b[36mc\x1b[0m\n");
}

TEST(PageText, ALabelledTextFillsEightyColumnsAndBreaksNoEquation) {
  // 8 columns of label and 72 of text fit.
  const std::string word(72, 'x');
  EXPECT_EQ(text_of({Labelled{"why", word + " y"}, Labelled{"", "z"}}),
            "why     " + word + "\n        y\n        z\n");
  EXPECT_EQ(text_of({Labelled{"why", std::string(68, 'x') + " n = 1"}}),
            "why     " + std::string(68, 'x') + "\n        n = 1\n");
}

TEST(PageText, WidthsAreCountedInLettersNotInBytes) {
  std::string word;
  for (int i = 0; i < 72; ++i) {
    word += "±";
  }
  EXPECT_EQ(text_of({Labelled{"why", word + " y"}}), "why     " + word + "\n        y\n");
  EXPECT_EQ(right_aligned("±1", 4), "  ±1");
  EXPECT_EQ(right_aligned("12345", 4), " 12345");  // never without a blank
}

TEST(PageText, ACommandStaysOnOneLine) {
  const std::string command = "racelab run " + std::string(90, 'x');
  EXPECT_EQ(
      text_of({ShellCommand{"again", command, ""}, ShellCommand{"proof", "racelab", "all hold"}}),
      "again   " + command + "\nproof   racelab     # all hold\n");
}

TEST(PageText, TermsHaveAColumnForTheirNames) {
  const std::string name(37, 'n');  // one more than the column's 36
  const std::string long_text = std::string(64, 'x') + " y";
  EXPECT_EQ(text_of({Terms{"fixes", {{"one", long_text}, {"three", "short"}}}}),
            "fixes   one    " + std::string(64, 'x') + "\n" + std::string(15, ' ') +
                "y\n        three  short\n");
  EXPECT_EQ(text_of({Terms{"fixes", {{name, "its text"}, {"two", "short"}}}}),
            "fixes   " + name + "\n" + std::string(46, ' ') + "its text\n        two" +
                std::string(35, ' ') + "short\n");
}

TEST(PageText, AGridAlignsItsCellsAndGivesLongNamesALine) {
  const Grid grid{.title = "told",
                  .name_width = 8,
                  .columns = {{"runs", 6}, {"verdict", 9, Grid::Side::left}, {"±", 3}},
                  .rows = {{"ok", {{"1"}, {"holds"}, {"-"}}, ""},
                           {"longer name", {{"22"}, {"violated"}, {"± 2"}}, "  a note"}},
                  .indent = 2};
  EXPECT_EQ(text_of({grid}),
            "told      runs  verdict    ±\n"
            "  ok         1  holds      -\n"
            "  longer name\n"
            "            22  violated  ± 2\n"
            "  a note\n");
}

TEST(PageText, ATimelineHasItsLanesSideBySideWhereTheyFit) {
  Timeline timeline{
      .unit = "ms",
      .lanes = {"A", "B"},
      .value_names = {"n"},
      .rows = {{"0.1", 0, "reads", {"0"}, ""}, {"0.2", 1, "writes", {"(1)"}, "A overwritten"}},
      .rows_max = 0};
  EXPECT_EQ(text_of({timeline}),
            "   ms   A                      B                          n\n"
            "  0.1   reads                                             0\n"
            "  0.2                          writes                   (1)  A overwritten\n");
  timeline.rows_max = 1;
  EXPECT_EQ(text_of({timeline}),
            "   ms   A                      B                          n\n"
            "  ...\n"
            "  0.2                          writes                   (1)  A overwritten\n");
  timeline.rows_max = 0;
  timeline.rows[0].text = std::string(50, 's');
  // 8 of time, 50 + 3 and 20 + 3 of lanes, 5 of value, 2 + 13 of harm: more than 80, so one column that names the lane. Its
  // 8 + 3 + 50 + 3 + 5 + 15 are still more: the last gap shrinks to one blank, and the harm stands below.
  EXPECT_EQ(text_of({timeline}), "   ms      " + std::string(50, ' ') + "     n\n  0.1   A  " +
                                     std::string(50, 's') + "     0\n  0.2   B  writes" +
                                     std::string(44, ' ') + "   (1)\n" + std::string(67, ' ') +
                                     "A overwritten\n");
}

TEST(PageText, MarksStandUnderTheirAxisAndTheLegendBreaksBetweenEntries) {
  const Marks marks{.unit = "ms",
                    .end = "9.5",
                    .lanes = {{"A", {{"."}, {" "}, {"x", Tone::bad}, {" "}, {" "}, {" "}}}},
                    .lanes_left_out = 2,
                    .legend = {". kept", "x lost", std::string(56, 'l'), "last"}};
  EXPECT_EQ(text_of({marks}),
            "ms      0  9.5\n"
            "A       . x\n"
            "        and 2 more clients\n"
            "        . kept   x lost\n"
            "        " +
                std::string(56, 'l') + "   last\n");
}

TEST(PageText, SideBySideMarksWhereTwoOrdersDiffer) {
  const std::string name =
      "read-modify-write+idempotency-key-before+retries";  // wider than its 34 columns
  EXPECT_EQ(text_of({SideBySide{
                "plain",
                name,
                {{"1", "A  reads", "A  reads", false}, {"2", "A  writes", "A  waits", true}}}}),
            "step  plain                                read-modify-write+\n"
            "                                             idempotency-key-before+retries\n"
            "   1  A  reads                             A  reads\n"
            "   2  A  writes                          * A  waits\n");
}

}  // namespace
}  // namespace racelab::page_text_test
