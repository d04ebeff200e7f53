// Throwing and catching in WebAssembly, for one thread.
//
// clang compiles both (-fwasm-exceptions), but Debian's libc++abi for wasm32 is built without them, and brings no unwinder. The engine
// of the browser unwinds; what is missing is small: an exception's memory, which of a function's catch clauses takes it, and how
// long it lives. The names, and what they do, are those of the Itanium C++ ABI, and the tables those that clang writes for wasm.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <typeinfo>

namespace __cxxabiv1 {

// What libc++abi's type_info has in its table of virtual functions, up to the one that is called here.
class __shim_type_info : public std::type_info {  // NOLINT
 public:
  virtual void noop1() const;
  virtual void noop2() const;
  virtual bool can_catch(const __shim_type_info* thrown, void*& object) const = 0;
};

}  // namespace __cxxabiv1

namespace {

using TypeInfo = __cxxabiv1::__shim_type_info;

// Stands before the object that was thrown, in the same piece of memory.
struct alignas(16) Exception {
  const TypeInfo* type;
  void* (*destroy)(void*);
  void* as_caught;    // the object, or its base that a clause has asked for
  Exception* before;  // caught earlier, and not left yet
  int clauses;        // that it is in
  bool thrown_again;

  void* object() { return this + 1; }
  static Exception* of(void* object) { return static_cast<Exception*>(object) - 1; }
};

Exception* caught = nullptr;  // the latest

// A table, read byte by byte.
class Reader {
 public:
  explicit Reader(const std::uint8_t* at) : at_(at) {}

  [[nodiscard]] const std::uint8_t* at() const { return at_; }
  std::uint8_t byte() { return *at_++; }

  std::uint32_t number() {
    std::uint32_t value = 0;
    read(value);
    return value;
  }
  std::int32_t signed_number() {
    std::uint32_t value = 0;
    const unsigned bits = read(value);
    const bool negative = bits < 32 && ((value >> (bits - 1)) & 1U) != 0;
    return static_cast<std::int32_t>(negative ? value | (~0U << bits) : value);
  }

 private:
  // LEB128: seven bits a byte, the lowest first. How many bits there were.
  unsigned read(std::uint32_t& value) {
    unsigned bits = 0;
    while (true) {
      const std::uint8_t next = byte();
      value |= std::uint32_t{next & 0x7FU} << bits;
      bits += 7;
      if ((next & 0x80U) == 0) {
        return bits;
      }
    }
  }

  const std::uint8_t* at_;
};

// What clang writes about a function's catch clauses.
struct Clauses {
  const std::uint8_t* types_end = nullptr;  // the types stand before it, the first one last
  const std::uint8_t* actions = nullptr;
  std::uint32_t first_action = 0;  // of a landing pad, from 1; 0: it takes nothing

  Clauses(const std::uint8_t* table, std::uint32_t pad) {
    constexpr std::uint8_t omitted = 0xFF;
    Reader reader(table);
    if (reader.byte() != omitted) {
      std::abort();  // where landing pads begin: wasm numbers them
    }
    if (reader.byte() != omitted) {
      const std::uint32_t bytes = reader.number();
      types_end = reader.at() + bytes;
    }
    reader.byte();  // how the places of calls are written: as numbers
    const std::uint32_t calls_bytes = reader.number();
    actions = reader.at() + calls_bytes;
    for (std::uint32_t i = 0; i <= pad; ++i) {
      reader.number();
      first_action = reader.number();
    }
  }

  // The number of the type whose clause takes the exception; 0: none does.
  [[nodiscard]] std::uint32_t taking(Exception& exception) const {
    if (first_action == 0) {
      return 0;
    }
    Reader action(actions + first_action - 1);
    while (true) {
      const std::int32_t number = action.signed_number();
      if (number > 0 && takes(number, exception)) {
        return static_cast<std::uint32_t>(number);
      }
      const std::uint8_t* here = action.at();
      const std::int32_t next = action.signed_number();
      if (next == 0) {
        return 0;
      }
      action = Reader(here + next);
    }
  }

 private:
  [[nodiscard]] bool takes(std::int32_t number, Exception& exception) const {
    const TypeInfo* type = nullptr;
    std::memcpy(&type, types_end - (number * std::ptrdiff_t{sizeof type}), sizeof type);
    void* as_caught = exception.object();
    if (type != nullptr && !type->can_catch(exception.type, as_caught)) {  // null: catch (...)
      return false;
    }
    exception.as_caught = as_caught;
    return true;
  }
};

}  // namespace

extern "C" {

// Debian's compiler-rt for wasm32 was compiled with the stack protector.
std::uintptr_t __stack_chk_guard = 0x5AFE57AC;          // NOLINT
[[noreturn]] void __stack_chk_fail() { std::abort(); }  // NOLINT

// Filled in by a landing pad that asks which of its clauses takes the exception, and read by it.
struct LandingPad {
  std::uint32_t number;
  const std::uint8_t* table;
  std::uint32_t selector;
};
LandingPad __wasm_lpad_context;  // NOLINT

int _Unwind_CallPersonality(void* object) {  // NOLINT
  LandingPad& pad = __wasm_lpad_context;
  pad.selector = Clauses(pad.table, pad.number).taking(*Exception::of(object));
  return 0;
}

void* __cxa_allocate_exception(std::size_t bytes) noexcept {  // NOLINT
  auto* exception = static_cast<Exception*>(std::calloc(1, sizeof(Exception) + bytes));
  if (exception == nullptr) {
    std::abort();
  }
  return exception->object();
}

void __cxa_free_exception(void* object) noexcept { std::free(Exception::of(object)); }  // NOLINT

[[noreturn]] void __cxa_throw(void* object, std::type_info* type,  // NOLINT
                              void* (*destroy)(void*)) {
  Exception& exception = *Exception::of(object);
  exception.type = static_cast<const TypeInfo*>(type);
  exception.destroy = destroy;
  exception.as_caught = object;
  __builtin_wasm_throw(0, object);
}

void* __cxa_get_exception_ptr(void* object) noexcept {  // NOLINT
  return Exception::of(object)->as_caught;
}

void* __cxa_begin_catch(void* object) noexcept {  // NOLINT
  Exception* exception = Exception::of(object);
  exception->thrown_again = false;
  if (exception->clauses++ == 0) {
    exception->before = caught;
    caught = exception;
  }
  return exception->as_caught;
}

void __cxa_end_catch() {  // NOLINT
  Exception* exception = caught;
  if (exception == nullptr || --exception->clauses > 0) {
    return;
  }
  caught = exception->before;
  if (exception->thrown_again) {
    return;  // it is on its way, and still needed
  }
  if (exception->destroy != nullptr) {
    exception->destroy(exception->object());
  }
  std::free(exception);
}

[[noreturn]] void __cxa_rethrow() {  // NOLINT
  if (caught == nullptr) {
    std::terminate();
  }
  caught->thrown_again = true;
  __builtin_wasm_throw(0, caught->object());
}

}  // extern "C"
