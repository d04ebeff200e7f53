// A temporary folder for as long as this lives, and a shell that keeps what runs in it.
//
// The shell waits on a pipe from this process: when the pipe ends, for whatever reason (a destructor, an interrupt, kill -9), the
// shell ends what it has started and removes the folder.
#pragma once

#include <string>
#include <vector>

namespace racelab::drivers {

class Keeper {
 public:
  /// Makes the folder (its name begins with `racelab-`) and runs the script with sh -c: $1 is the folder, then come `arguments`. The
  /// script says one line once it has started, and ends when its input ends. `user`: whom the folder belongs to and the shell runs as;
  /// empty: as we do. Throws DriverError.
  Keeper(const std::string& script, const std::vector<std::string>& arguments,
         const std::string& user = "");
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  [[nodiscard]] const std::string& folder() const { return folder_; }
  /// The line that the script said; empty: it ended without one.
  [[nodiscard]] const std::string& said() const { return said_; }
  /// The last line of a file in the folder, for a sentence.
  [[nodiscard]] std::string last_line_of(const std::string& file) const;

 private:
  void spawn(const std::string& script, const std::vector<std::string>& arguments,
             const std::string& user);
  void listen();
  void stop();

  std::string folder_;
  std::string said_;
  int shell_ = -1;    // its process
  int keeps_ = -1;    // our end of its input
  int told_by_ = -1;  // our end of its output
};

/// Whom a server runs as that refuses to be root: empty when we are not root, else `user`. Throws DriverError when there is none.
std::string instead_of_root(const std::string& user, const std::string& server);

}  // namespace racelab::drivers
