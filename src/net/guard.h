#pragma once
// Keeps requests to addresses that a user wrote down (webhooks) out of the internal network. Pure,
// any thread.

#include <string>

#include "base/error.h"

namespace aright::net {

// Fails with denied for a loopback, link-local (which holds the metadata services), private,
// shared, multicast or reserved address, IPv4 or IPv6, also when an IPv4 address is wrapped in an
// IPv6 one. Given as ClientOptions::admit_address it sees the very address that is then connected
// to, so that a name which resolves differently the second time gains nothing.
Result<> refuse_internal_address(const std::string& address);

}  // namespace aright::net
