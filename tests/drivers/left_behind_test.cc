// Nothing of a throw-away server is left, however racelab ends.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

namespace racelab::left_behind_test {
namespace {

namespace fs = std::filesystem;

bool wait_for(const std::function<bool()>& what) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(180);
  while (!what()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

// A temporary folder of this test's own, so that no other server is counted.
class LeftBehind : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "left-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    fs::permissions(folder_, fs::perms::all);  // the server may run as another user
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Long enough to be ended in the middle.
  pid_t start(const char* on) const {
    const std::string temporary = "TMPDIR=" + folder_;
    std::array<const char*, 9> words{"/usr/bin/env",
                                     temporary.c_str(),
                                     RACELAB_BINARY,
                                     "agree",
                                     "bulk-update",
                                     "--on",
                                     on,
                                     "--orders-max",
                                     nullptr};
    std::array<const char*, 10> all{};
    std::copy(words.begin(), words.end() - 1, all.begin());
    all[8] = "100000";
    pid_t process = -1;
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    EXPECT_EQ(
        posix_spawn(&process, words[0], &files, nullptr, const_cast<char**>(all.data()), environ),
        0);
    posix_spawn_file_actions_destroy(&files);
    return process;
  }

  [[nodiscard]] std::string server_folder() const {
    for (const fs::directory_entry& it : fs::directory_iterator(folder_)) {
      if (it.path().filename().string().starts_with("racelab-")) {
        return it.path().string();
      }
    }
    return "";
  }

  // The server's process, once it takes connections; 0: not yet.
  [[nodiscard]] pid_t server(const char* socket, const char* pid_file) const {
    const std::string folder = server_folder();
    if (folder.empty() || !fs::exists(folder + socket)) {
      return 0;
    }
    pid_t process = 0;
    std::ifstream(folder + pid_file) >> process;
    return process;
  }

  void end(pid_t racelab, int signal) const {
    kill(racelab, signal);
    int status = 0;
    waitpid(racelab, &status, 0);
  }

  void expect_no_server_left_after(int signal, const char* on, const char* socket,
                                   const char* pid_file) const {
    const pid_t racelab = start(on);
    pid_t process = 0;
    ASSERT_TRUE(wait_for([&] { return (process = server(socket, pid_file)) != 0; }));
    end(racelab, signal);
    EXPECT_TRUE(wait_for([&] { return kill(process, 0) != 0; })) << "the server goes on";
    EXPECT_TRUE(wait_for([&] { return server_folder().empty(); })) << server_folder();
  }

  void expect_nothing_left_after(int signal) const {
    expect_no_server_left_after(signal, "postgresql", "/.s.PGSQL.5432", "/data/postmaster.pid");
    expect_no_server_left_after(signal, "mariadb", "/socket", "/pid");
    const pid_t racelab = start("sqlite");
    ASSERT_TRUE(wait_for([&] { return fs::exists(server_folder() + "/0/main.db"); }));
    end(racelab, signal);
    EXPECT_TRUE(wait_for([&] { return server_folder().empty(); })) << server_folder();
  }

  std::string folder_;
};

TEST_F(LeftBehind, NothingAfterAnInterrupt) { expect_nothing_left_after(SIGINT); }
TEST_F(LeftBehind, NothingAfterKill) { expect_nothing_left_after(SIGKILL); }

}  // namespace
}  // namespace racelab::left_behind_test
