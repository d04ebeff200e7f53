// Whoever finds a free worker finds no queue: the one was served as soon as the other was free.
#include "sim/service/workers.h"

#include <algorithm>

#include "sim/service/service.h"

namespace racelab {

namespace {

std::uint64_t word_of(OperationName operation) {
  return (std::uint64_t{operation.client} << 32U) | operation.operation;
}

}  // namespace

Workers::Workers(Arena& arena, Choice& choice, ServiceCounts& counts, const Limits& limits)
    : arena_(arena),
      choice_(choice),
      counts_(counts),
      limits_(limits),
      by_operation_(ArenaAllocator<std::pair<const std::uint64_t, std::uint32_t>>(arena)) {}

Workers::~Workers() {
  while (RequestMessage* message = queue_.front()) {
    queue_.remove(*message);
    arena_.destroy(message);
  }
}

void Workers::occupy(OperationName operation) {
  counts_.overlaps += occupied_ > 0 ? 1 : 0;
  ++occupied_;
  counts_.in_service_max = std::max<std::uint64_t>(counts_.in_service_max, occupied_);
  counts_.self_overlaps += by_operation_[word_of(operation)]++ > 0 ? 1 : 0;
}

void Workers::release(OperationName operation, Instant since) {
  --occupied_;
  counts_.work_time = counts_.work_time + (choice_.now() - since);
  const auto place = by_operation_.find(word_of(operation));
  if (--place->second == 0) {
    by_operation_.erase(place);
  }
}

bool Workers::queue(RequestMessage& message) {
  if (limits_.queue_max && queue_length_ >= *limits_.queue_max) {
    ++counts_.shed;
    return false;
  }
  ++counts_.queued;
  ++queue_length_;
  counts_.queue_length_max = std::max(counts_.queue_length_max, queue_length_);
  message.queued = choice_.now();
  queue_.push_back(message);
  return true;
}

RequestMessage* Workers::take_next() {
  RequestMessage* message = queue_.front();
  if (message == nullptr || !one_is_free()) {
    return nullptr;
  }
  leave_queue(*message);
  return message;
}

RequestMessage* Workers::take(OperationName operation, std::uint16_t attempt) {
  RequestMessage* message = queue_.front();
  while (message != nullptr &&
         (message->request.operation != operation || message->request.attempt != attempt)) {
    message = message->after;
  }
  if (message != nullptr) {
    leave_queue(*message);
  }
  return message;
}

void Workers::leave_queue(RequestMessage& message) {
  queue_.remove(message);
  --queue_length_;
  counts_.queue_wait_time = counts_.queue_wait_time + (choice_.now() - message.queued);
}

}  // namespace racelab
