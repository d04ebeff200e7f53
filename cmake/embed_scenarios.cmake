# Writes OUTPUT: a C++ file that holds the text of every scenario in FILES. Each line becomes one string literal, so that
# no compiler's limit on the length of a literal is met, whatever the text holds.
set(code "// Written by the build from scenarios/*.ini.\n#include \"sim/scenario/embedded.h\"\n\n#include <array>\n\n")
string(APPEND code "namespace racelab {\n\nnamespace {\n\n")
list(SORT FILES)
set(entries "")
list(LENGTH FILES count)
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  string(MAKE_C_IDENTIFIER "text_${name}" variable)
  file(READ ${file} hex HEX)
  # Bytes as numbers survive quotes, backslashes, semicolons and anything else.
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(REGEX REPLACE "('\\\\x0a',)" "\\1\n    " bytes "${bytes}")
  string(APPEND code "constexpr char ${variable}[] = {\n    ${bytes}'\\0'};\n\n")
  string(APPEND entries
    "    EmbeddedScenario{\"${name}\", {static_cast<const char*>(${variable}), sizeof(${variable}) - 1}},\n")
endforeach()
string(APPEND code "constexpr std::array<EmbeddedScenario, ${count}> scenarios{{\n${entries}}};\n\n")
string(APPEND code "}  // namespace\n\nstd::span<const EmbeddedScenario> embedded_scenarios() { return scenarios; }\n\n}  // namespace racelab\n")
file(WRITE ${OUTPUT} "${code}")
