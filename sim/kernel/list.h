// Things that stand in a list by pointers of their own, `before` and `after`: entering and leaving cost no memory and no search.
#pragma once

namespace racelab {

/// Puts an item at the front.
template <class Item>
void link(Item*& first, Item& item) {
  item.after = first;
  if (first != nullptr) {
    first->before = &item;
  }
  first = &item;
}

/// Takes it out, wherever it stands.
template <class Item>
void unlink(Item*& first, Item& item) {
  (item.before == nullptr ? first : item.before->after) = item.after;
  if (item.after != nullptr) {
    item.after->before = item.before;
  }
}

}  // namespace racelab
