#pragma once
// A library that is loaded when it is first needed: most who run aright never need it, and would pay for its start.

namespace aright {

class Loaded {
 public:
  // Stays loaded until the process ends.
  explicit Loaded(const char* name);
  // False when it has no such function, or is not installed.
  template <typename Function>
  bool find(Function& function, const char* name) const {
    function = reinterpret_cast<Function>(symbol(name));
    return function != nullptr;
  }

 private:
  void* symbol(const char* name) const;

  void* library_;
};

}  // namespace aright
