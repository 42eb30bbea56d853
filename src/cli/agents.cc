#include "cli/agents.h"

#include "trial/agent.h"

namespace aright::cli {

Agents::~Agents() {
  for (auto& thread : threads_)
    thread.request_stop();
}

void Agents::serve() {
  cloud_.run_commands([this](sandbox::CommandRun run) { accept(std::move(run)); });
}

void Agents::accept(sandbox::CommandRun run) {
  std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(run));
  while (threads_.size() < agent_threads)
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  wake_.notify_one();
}

void Agents::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (wake_.wait(lock, stop, [this] { return !waiting_.empty(); }) && !stop.stop_requested()) {
    auto run = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    trial::perform(cloud_, std::move(run), {.stop = stop});
    lock.lock();
  }
}

}  // namespace aright::cli
