// Lessons on a terminal, a page for each moment, and as JSON for the page in the browser.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/page.h"
#include "sim/scenario/lesson.h"

namespace racelab {

/// All of them, a line each.
Page lessons_page(const std::vector<Lesson>& lessons);

/// Title, story and experiment; then the question with its choices as letters, where the lesson has one.
Page lesson_page(const Lesson& lesson);

/// What was said beside what is right, and the reply to it. Nothing: nobody said anything.
Page lesson_answer_page(const LessonQuestion& question, std::optional<std::size_t> said);

/// A part with its choices as letters.
Page lesson_part_page(const Lesson& lesson, std::size_t part);

/// What is done where one is the scheduler, the idea to remember, and the next lesson's command.
Page lesson_end_page(const Lesson& lesson, std::size_t lessons);

/// Paragraphs under one label.
Page paragraphs_page(const std::string& label, const std::vector<std::string>& paragraphs);

/// What is worth showing of a command's text output: the block that it opens with, without odds, settings and what to type next;
/// and the blocks that hold what a claim says of the screen. Of each at most a dozen lines.
std::string excerpt(const std::string& output, const std::vector<LessonClaim>& claims);

/// The lines of a text output under these labels, with what continues them; "" stands for blocks without a label, such as a
/// diagram.
std::string sections(const std::string& output, const std::vector<std::string>& labels);

/// The text without colors, and with one blank where there are several, or a line feed.
std::string plain_words(const std::string& text);

/// All lessons in one object with the schema "racelab.learn/1". Paragraphs are strings; code stands between backquotes.
std::string lessons_json(const std::vector<Lesson>& lessons);

/// 0: "a", 1: "b".
std::string choice_letter(std::size_t choice);

}  // namespace racelab
