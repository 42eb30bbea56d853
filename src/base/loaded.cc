#include "base/loaded.h"

#include <dlfcn.h>

namespace aright {

Loaded::Loaded(const char* name) : library_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {}

void* Loaded::symbol(const char* name) const { return library_ ? dlsym(library_, name) : nullptr; }

}  // namespace aright
