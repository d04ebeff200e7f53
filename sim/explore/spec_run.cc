// Follows the isolation tester's own order of doing things, so that what is printed of it can be compared line by line.
#include "sim/explore/spec_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace racelab {

namespace {

using Kind = SpecEvent::Kind;
using Patience = SpecServer::Patience;
using Progress = SpecServer::Progress;

class Runner {
 public:
  Runner(const IsolationSpec& spec, const IsolationSpec::Permutation& permutation,
         SpecServer& server)
      : spec_(spec), server_(server), active_(spec.sessions.size(), nullptr) {
    run_.permutation = permutation;
    notices_.resize(spec.sessions.size());
  }

  SpecRun run() {
    server_.begin();
    if (!set_up() || !send_steps()) {
      server_.cancel();
    }
    tear_down();
    return std::move(run_);
  }

 private:
  // A step that was sent and is not yet reported as completed.
  struct Active {
    const IsolationSpec::Sent* sent = nullptr;
    std::vector<std::uint32_t> notices;  // by blocker: how many there must be
  };

  bool set_up() {
    for (const IsolationSpec::Block& block : spec_.setups) {
      if (!keep_last(server_.control(block), "the setup fails: ")) {
        return false;
      }
    }
    for (std::size_t session = 0; session < spec_.sessions.size(); ++session) {
      const IsolationSpec::Session& it = spec_.sessions[session];
      if (it.setup && !keep_last(answer_of(session, *it.setup),
                                 fmt::format("the setup of session {} fails: ", it.name))) {
        return false;
      }
    }
    return true;
  }

  void tear_down() {
    for (std::size_t session = 0; session < spec_.sessions.size(); ++session) {
      if (spec_.sessions[session].teardown) {
        keep_last(answer_of(session, *spec_.sessions[session].teardown), "");
      }
    }
    if (run_.end == SpecRun::End::whole) {
      run_.contents = server_.contents();
    }
    if (spec_.teardown) {
      keep_last(server_.control(*spec_.teardown), "");
    }
  }

  SpecAnswer answer_of(std::size_t session, const IsolationSpec::Block& block) {
    server_.send(session, block);
    const Progress progress = server_.await(session, Patience::until_done);
    if (progress != Progress::done) {
      server_.cancel();
      return {};
    }
    take_notices();
    return server_.take(session);
  }

  // Of a setup or teardown only the last answer is shown. False: it failed, and that is told.
  bool keep_last(SpecAnswer answer, const std::string& failing) {
    if (const SpecAnswer::Part* error = answer.error(); error != nullptr) {
      if (!failing.empty()) {
        run_.end = SpecRun::End::failed;
        run_.events.push_back({Kind::stopped, 0, 0, {}, failing + error->line});
      }
      return false;
    }
    if (!answer.parts.empty() && answer.parts.back().table) {
      answer.parts.erase(answer.parts.begin(), answer.parts.end() - 1);
      run_.events.push_back({Kind::setup, 0, 0, std::move(answer), ""});
    }
    return true;
  }

  bool send_steps() {
    for (const IsolationSpec::Sent& sent : run_.permutation) {
      const IsolationSpec::Step& step = spec_.steps[sent.step];
      while (active_[step.session] != nullptr) {
        if (!finish(*active_[step.session], step)) {
          return false;
        }
      }
      server_.send(step.session, step.block);
      sent_.push_back(std::make_unique<Active>());
      Active& now = *sent_.back();
      now.sent = &sent;
      for (const IsolationSpec::Blocker& blocker : sent.blockers) {
        now.notices.push_back(notices_[spec_.steps[blocker.step].session] + blocker.notices);
      }
      active_[step.session] = &now;
      const bool waits = !try_to_complete(now, Patience::until_it_waits, false);
      try_all(Patience::until_it_waits);
      if (waits) {
        waiting_.push_back(&now);
      }
    }
    try_all(Patience::until_done);
    if (!waiting_.empty()) {
      stop(fmt::format("{} waits for ever", spec_.steps[waiting_.front()->sent->step].name));
    }
    return waiting_.empty();
  }

  // Waits for what a session has sent before. False: it never ends.
  bool finish(Active& old, const IsolationSpec::Step& next) {
    bool moved = false;
    if (try_to_complete(old, Patience::until_done, true)) {
      waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &old));
      moved = true;
    }
    const bool stuck = stuck_;
    moved = try_all(Patience::until_it_waits) || moved;
    if (!moved && (stuck || !wait_for_blockers(old))) {
      stop(fmt::format("{} cannot be sent: its session still waits in {}", next.name,
                       spec_.steps[old.sent->step].name));
      return false;
    }
    return true;
  }

  // A step is done, and held back by its markers: whether what they name comes to an end.
  bool wait_for_blockers(const Active& old) {
    for (const IsolationSpec::Blocker& blocker : old.sent->blockers) {
      const std::size_t session = spec_.steps[blocker.step].session;
      if (blocker.kind == IsolationSpec::Blocker::Kind::step && active_[session] != nullptr &&
          server_.await(session, Patience::until_done) == Progress::done) {
        return true;
      }
    }
    return false;
  }

  void stop(std::string sentence) {
    run_.end = SpecRun::End::impossible;
    run_.events.push_back({Kind::stopped, 0, 0, {}, std::move(sentence)});
  }

  // Whatever waits and is done is reported; whether anything was.
  bool try_all(Patience patience) {
    bool any = false;
    for (bool again = true; again;) {
      again = false;
      const std::size_t notices = notices_in_all_;
      bool held_back = false;
      for (std::size_t i = 0; i < waiting_.size();) {
        Active& it = *waiting_[i];
        if (try_to_complete(it, patience, true)) {
          waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
          any = true;
          again = true;
        } else {
          held_back = held_back || !it.sent->blockers.empty();
          ++i;
        }
      }
      again = held_back && (again || notices_in_all_ > notices);
    }
    return any;
  }

  // Whether a step is reported as completed.
  bool try_to_complete(Active& it, Patience patience, bool waited) {
    const IsolationSpec::Step& step = spec_.steps[it.sent->step];
    const auto waits = [&] {
      if (!waited) {
        run_.events.push_back({Kind::waiting, it.sent->step, step.session, {}, ""});
      }
      return false;
    };
    if (!waited && std::any_of(it.sent->blockers.begin(), it.sent->blockers.end(),
                               [](const IsolationSpec::Blocker& blocker) {
                                 return blocker.kind == IsolationSpec::Blocker::Kind::once;
                               })) {
      return waits();
    }
    const Progress progress = server_.await(step.session, patience);
    stuck_ = progress == Progress::stuck;
    take_notices();
    if (progress != Progress::done || held_back(it)) {
      return waits();
    }
    run_.events.push_back({waited ? Kind::completed : Kind::done, it.sent->step, step.session,
                           server_.take(step.session), ""});
    active_[step.session] = nullptr;
    return true;
  }

  [[nodiscard]] bool held_back(const Active& it) const {
    for (std::size_t i = 0; i < it.sent->blockers.size(); ++i) {
      const IsolationSpec::Blocker& blocker = it.sent->blockers[i];
      const std::size_t session = spec_.steps[blocker.step].session;
      const bool holds =
          blocker.kind == IsolationSpec::Blocker::Kind::step
              ? active_[session] != nullptr && active_[session]->sent->step == blocker.step
              : blocker.kind == IsolationSpec::Blocker::Kind::notices &&
                    notices_[session] < it.notices[i];
      if (holds) {
        return true;
      }
    }
    return false;
  }

  void take_notices() {
    for (SpecNotice& notice : server_.take_notices()) {
      ++notices_[notice.session];
      ++notices_in_all_;
      run_.events.push_back({Kind::notice, 0, notice.session, {}, std::move(notice.line)});
    }
  }

  const IsolationSpec& spec_;
  SpecServer& server_;
  SpecRun run_;
  std::vector<std::unique_ptr<Active>> sent_;
  std::vector<Active*> active_;         // by session
  std::vector<Active*> waiting_;        // in the order they were sent
  std::vector<std::uint32_t> notices_;  // by session
  std::size_t notices_in_all_ = 0;
  bool stuck_ = false;  // the last one that was tried
};

}  // namespace

std::vector<std::vector<SpecAnswer>> SpecRun::answers(const IsolationSpec& spec) const {
  std::vector<std::vector<SpecAnswer>> all(spec.sessions.size());
  for (const SpecEvent& event : events) {
    if (event.kind == Kind::done || event.kind == Kind::completed) {
      all[spec.steps[event.step].session].push_back(event.answer);
    }
  }
  return all;
}

SpecRun run_spec(const IsolationSpec& spec, const IsolationSpec::Permutation& permutation,
                 SpecServer& server) {
  return Runner(spec, permutation, server).run();
}

}  // namespace racelab
