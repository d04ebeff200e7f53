// A list of things that carry their own links, `before` and `after`: entering and leaving cost no memory and no search.
#pragma once

namespace racelab {

/// In the order in which they entered. Owns nothing; an item stands in one list at most.
template <class Item>
class List {
 public:
  [[nodiscard]] bool empty() const { return first_ == nullptr; }
  /// nullptr when it is empty. The next one is its `after`.
  [[nodiscard]] Item* front() const { return first_; }

  void push_back(Item& item) {
    item.before = last_;
    item.after = nullptr;
    (last_ == nullptr ? first_ : last_->after) = &item;
    last_ = &item;
  }
  /// Takes it out, wherever it stands.
  void remove(Item& item) {
    (item.before == nullptr ? first_ : item.before->after) = item.after;
    (item.after == nullptr ? last_ : item.after->before) = item.before;
  }

 private:
  Item* first_ = nullptr;
  Item* last_ = nullptr;
};

}  // namespace racelab
