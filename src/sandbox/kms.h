#pragma once
// What other services ask of KMS.

#include "sandbox/hook.h"

namespace aright::sandbox {

// The ARN of the key that an id, an ARN or an alias names. Keys that AWS manages (alias/aws/…) come
// into being when they are first named; keys of other accounts are taken as they are. Fails with
// NotFoundException.
Result<std::string> key_arn(Scene& scene, std::string_view name);

// Where a service tells its resource's key by ARN, that is kept, by whatever name the key was given. A key that nobody
// here knows stays as it was named.
void tell_keys_by_arn(Scene& scene, Resource& resource);

// What is in a ciphertext of this emulation: {key: its ARN, plaintext, context}; nothing where it is none of ours.
std::optional<json::Value> unsealed(std::string_view ciphertext_base64);

}  // namespace aright::sandbox
