#include "script/spare.h"

#include <algorithm>

#include "script/channel.h"
#include "script/program.h"

namespace aright::script {

namespace {

constexpr milliseconds idle_max{600'000};  // then its memory is given back
constexpr std::size_t spare_task_bytes = 1u << 20;

}  // namespace

Spares& Spares::instance() {
  static Spares spares;
  return spares;
}

Spares::Spares() {
  static_cast<void>(prepare_jails());  // made before this object, it is there until after it
  keeper_ = std::jthread([this](const std::stop_token& done) { keep(done); });
}

Spares::~Spares() {
  keeper_.request_stop();
  keeper_.join();
}

bool Spares::Spare::fits(const Program& program) const {
  auto room = room_of(program);
  if (room.loopback || room.layer_bytes > 0 || room.disk_bytes != Room{}.disk_bytes) return false;
  if (jail.process.has_ended() || room.task_bytes > spare_task_bytes) return false;
  return std::ranges::none_of(program.files, [&](const auto& file) {
    return modules.contains(std::string_view(file.first).substr(0, file.first.find_first_of("/.")));
  });
}

std::optional<Jail> Spares::take(const Program& program) {
  std::lock_guard lock(mutex_);
  auto fitting =
      std::ranges::find_if(spares_, [&](const Spare& spare) { return spare.fits(program); });
  if (fitting == spares_.end()) return {};
  std::optional<Jail> taken(std::move(fitting->jail));
  spares_.erase(fitting);
  return taken;
}

void Spares::order(const Footing& footing) {
  std::lock_guard lock(mutex_);
  ordered_ = footing;
  wake_.notify_all();
}

void Spares::keep(const std::stop_token& done) {
  std::unique_lock lock(mutex_);
  while (!done.stop_requested()) {
    bool wanted = wake_.wait_for(lock, done, idle_max, [&] { return ordered_.has_value(); });
    std::erase_if(spares_,
                  [&](const Spare& spare) { return !wanted || spare.jail.process.has_ended(); });
    while (ordered_ && spares_.size() < spares_max) {
      Footing footing = *ordered_;
      lock.unlock();
      std::optional<Spare> made = make(footing, done);
      lock.lock();
      if (!made) break;
      spares_.push_back(std::move(*made));
    }
    ordered_.reset();
  }
  spares_.clear();
}

std::optional<Spares::Spare> Spares::make(const Footing& footing, const std::stop_token& done) {
  Context context = Context::within(ready_within, done);
  auto jail = start_jail(footing, {.task_bytes = spare_task_bytes});
  if (!jail) return {};
  Spare spare{std::move(*jail), {}};
  Channel channel(spare.jail, Limits{}.output_bytes);
  if (!channel.await_ready(context) || !channel.send(preload_line(), context)) return {};
  auto line = channel.receive(context);
  auto loaded = line ? json::parse(*line) : std::unexpected(line.error());
  if (!loaded) return {};
  std::vector<std::string> modules = json::texts(json::at(*loaded, "loaded"));
  if (modules.empty()) return {};
  spare.modules = {modules.begin(), modules.end()};
  return spare;
}

}  // namespace aright::script
