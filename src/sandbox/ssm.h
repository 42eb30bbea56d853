#pragma once
// The hooks of Systems Manager, by what they are about. hook_ssm.cc puts them into the table.

#include "sandbox/hook.h"

namespace aright::sandbox {

void add_ssm_document_hooks(Hooks& hooks);

}  // namespace aright::sandbox
