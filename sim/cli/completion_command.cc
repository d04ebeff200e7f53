// racelab completion: what bash, zsh and fish read to complete command lines. The scripts know nothing of racelab: at each TAB they
// ask the program itself, so that they are right for whichever one is called.
#include "sim/cli/commands.h"
#include "sim/cli/completion.h"
#include "sim/cli/usage_error.h"

namespace racelab {

namespace {

// Bash takes = and : for the ends of words: what stands before the last of them is not its to replace.
constexpr const char* bash_script =
    R"shell(# racelab for bash; in .bashrc:  eval "$(racelab completion bash)"
_racelab() {
  local typed=${COMP_LINE:0:COMP_POINT} line word paths=
  local -a words
  read -a words <<<"$typed"  # a backslash before a blank keeps a word together
  [[ $typed == *[[:space:]] ]] && words+=("")
  local last=${words[-1]} kept=
  [[ $last == *[=:]* ]] && kept=${last%"${last##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) paths=file ;;
      :folders) paths=directory ;;
      :goes-on) compopt -o nospace 2>/dev/null ;;
      ?*)
        word=${line%%$'\t'*}
        COMPREPLY+=("${word#"$kept"}")
        ;;
    esac
  done < <("${words[0]/#\~/$HOME}" completion words -- "${words[@]:1}" 2>/dev/null)
  if [[ -n $paths ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do
      COMPREPLY+=("$line")
    done < <(compgen -A "$paths" -- "${last#"$kept"}")
  fi
}
complete -F _racelab racelab
)shell";

constexpr const char* zsh_script = R"shell(#compdef racelab
# racelab for zsh; a file _racelab in a folder of fpath, or in .zshrc behind compinit:
#   source <(racelab completion zsh)
_racelab() {
  local line word remark paths=
  local -a described lines options
  lines=("${(@f)$("${(Q)words[1]/#\~/$HOME}" completion words -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  for line in "${lines[@]}"; do
    case $line in
      :files) paths=files ;;
      :folders) paths=folders ;;
      :goes-on) options=(-S '') ;;
      ?*)
        word=${line%%$'\t'*} remark=${line#*$'\t'}
        described+=("${word//:/\\:}${remark:+:$remark}")
        ;;
    esac
  done
  (( ${#described} )) && _describe -t words 'racelab' described "${options[@]}"
  [[ $paths == files ]] && _files
  [[ $paths == folders ]] && _files -/
  return 0
}
if [ "$funcstack[1]" = "_racelab" ]; then
  _racelab "$@"
else
  compdef _racelab racelab
fi
)shell";

constexpr const char* fish_script = R"shell(# racelab for fish:  racelab completion fish | source
function __racelab_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    for line in ($words[1] completion words -- $words[2..-1] "$last" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$last"
            case ':folders'
                __fish_complete_directories "$last"
            case ':*'
            case '*'
                echo $line
        end
    end
end
complete -c racelab -f -a '(__racelab_complete)'
)shell";

// For the scripts: a line for each candidate, then what else may stand there.
std::string answer_for_scripts(const std::vector<std::string>& words) {
  const Completion completion = complete(words);
  std::string text;
  for (const CompletedWord& it : completion.candidates) {
    text.append(it.word).append("\t").append(it.remark).append("\n");
  }
  text += completion.paths == Completion::Paths::files     ? ":files\n"
          : completion.paths == Completion::Paths::folders ? ":folders\n"
                                                           : "";
  return text += completion.goes_on ? ":goes-on\n" : "";
}

}  // namespace

const CommandSyntax& completion_syntax() {
  static const CommandSyntax syntax{
      .name = "completion",
      .sentence = "completion of command lines, for bash, zsh and fish",
      .usage =
          "usage: racelab completion bash|zsh|fish [--output FILE]\n"
          "\n"
          "What the shell reads to complete commands, flags, and the names of scenarios,\n"
          "strategies, clients and settings. A package has it installed already; without one:\n"
          "\n"
          "  eval \"$(racelab completion bash)\"         # in .bashrc\n"
          "  source <(racelab completion zsh)          # in .zshrc, behind compinit\n"
          "  racelab completion fish | source          # in config.fish\n"
          "\n"
          "The scripts ask `racelab completion words -- WORD...`: what the last word can be.\n",
      .exits = "0, 2 bad usage",
      .flags = {"output"},
      .name_word = "shell",
  };
  return syntax;
}

CommandResult completion_command(const std::vector<std::string>& rest,
                                 const Environment& /*environment*/) {
  if (rest.size() > 1 && rest[0] == "words" && rest[1] == "--") {
    return {Exit::as_expected, answer_for_scripts({rest.begin() + 2, rest.end()}), ""};
  }
  const Arguments arguments = parse_arguments(completion_syntax(), rest);
  if (arguments.help) {
    return {Exit::as_expected, help_text(completion_syntax()), ""};
  }
  if (arguments.names.empty()) {
    throw UsageError("for which shell? bash, zsh or fish, as in `racelab completion bash`");
  }
  const std::string& shell = arguments.names.front();
  if (shell != "bash" && shell != "zsh" && shell != "fish") {
    throw UsageError("shell must be bash, zsh or fish, not '" + shell + "'");
  }
  OutputFile file(arguments.output);
  return deliver(Exit::as_expected,
                 shell == "bash"  ? bash_script
                 : shell == "zsh" ? zsh_script
                                  : fish_script,
                 file, arguments);
}

}  // namespace racelab
