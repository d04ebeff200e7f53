// Lessons: scenarios/lessons/NN-name.md, Markdown of a small and strict form, so that a lesson reads well as it stands.
//
//   # N. Title
//   The story: paragraphs.
//   ## Experiment          a paragraph, if need be, and a command in a fence
//   ## Question            a paragraph, then choices: `- [ ] text`, one of them `- [x] text`, each followed by an indented
//                          paragraph that is said to whoever chose it; or
//   ## Parts               `### name: question` with choices `- text`: of an endpoint that is built
//   ## What happens        paragraphs, and in a fence marked `expect` lines `key = value`: what of the experiment they rest on
//   ## One change          a paragraph, a command in a fence, paragraphs, expectations in a fence
//   ## By hand             a paragraph and a command in a fence: where one is the scheduler
//   ## Remember            one paragraph
//
// A command is one line, `racelab VERB …`, without quotes, and names no file.
#pragma once

#include "sim/parse/problem.h"
#include "sim/scenario/lesson.h"

namespace racelab::parse {

/// Reads a lesson; its number and name are the file's, "03-begin-commit.md". Throws Problem.
Lesson read_lesson(Source source);

}  // namespace racelab::parse
