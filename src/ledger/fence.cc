#include "ledger/fence.h"

#include <utility>

namespace aright::ledger {

namespace {

thread_local std::shared_ptr<const Fence> around;

}  // namespace

std::shared_ptr<const Fence> Fence::current() { return around; }

Fence::Around::Around(std::shared_ptr<const Fence> fence) : before_(std::exchange(around, std::move(fence))) {}
Fence::Around::~Around() { around = std::move(before_); }

}  // namespace aright::ledger
