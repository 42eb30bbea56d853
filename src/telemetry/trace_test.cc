#include "telemetry/trace.h"

#include <gtest/gtest.h>

#include <atomic>

#include "telemetry/instruments.h"

namespace aright::telemetry {
namespace {

Span span_named(std::string name) {
  return {.trace_id = trace_id_of("rem_1"),
          .span_id = span_id_of(name),
          .parent_id = "",
          .name = name,
          .from = {1'000},
          .until = {1'500},
          .attributes = {{"aright.control", "c"}, {"n", 7}},
          .error = {},
          .link = {}};
}

TEST(Trace, IdsAreDerivedAndSoTheSameAfterARestart) {
  EXPECT_EQ(trace_id_of("rem_1"), trace_id_of("rem_1"));
  EXPECT_NE(trace_id_of("rem_1"), trace_id_of("rem_2"));
  EXPECT_EQ(trace_id_of("rem_1").size(), 32u);
  EXPECT_EQ(span_id_of("rem_1").size(), 16u);
}

// The example of https://www.w3.org/TR/trace-context/#examples-of-http-traceparent-headers
TEST(Trace, ReadsTraceparentAsW3CWritesIt) {
  auto read = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(read->span_id, "00f067aa0ba902b7");
  EXPECT_TRUE(parse_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"));
  for (const auto* wrong : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"})
    EXPECT_FALSE(parse_traceparent(wrong)) << wrong;
}

TEST(Trace, IsWrittenAsOtlpHasIt) {
  auto failed = span_named("execute");
  failed.error = "denied";
  failed.parent_id = span_id_of("rem_1");
  auto body = to_otlp({failed}, {.traces_url = {}, .headers = {}, .service = "aright", .version = "1"});
  const auto& resource = json::items(json::at(body, "resourceSpans")).at(0);
  EXPECT_EQ(json::print(json::items(json::at(json::at(resource, "resource"), "attributes")).at(0)),
            R"({"key":"service.name","value":{"stringValue":"aright"}})");
  const auto& one = json::items(json::at(json::items(json::at(resource, "scopeSpans")).at(0), "spans")).at(0);
  EXPECT_EQ(json::text(one, "startTimeUnixNano", ""), "1000000000");
  EXPECT_EQ(json::print(json::at(one, "status")), R"({"code":2,"message":"denied"})");
  EXPECT_EQ(json::print(json::items(json::at(one, "attributes")).at(1)), R"({"key":"n","value":{"intValue":"7"}})");
}

struct Collector {
  std::atomic<int> status = 200, requests = 0, spans = 0;
  std::unique_ptr<net::Server> server =
      *net::Server::start({}, [this](const net::Request& request, const net::Peer&) {
        ++requests;
        auto body = json::parse(request.body);
        const auto& scope =
            json::items(json::at(json::items(json::at(*body, "resourceSpans")).at(0), "scopeSpans")).at(0);
        if (status == 200 && request.path() == "/v1/traces")
          spans += static_cast<int>(json::items(json::at(scope, "spans")).size());
        return net::Response{.status = status, .headers = {}, .body = "{}", .stream = {}};
      });
  std::unique_ptr<Exporter> exporter() const {
    return *Exporter::start({.traces_url = server->url() + "/v1/traces", .headers = {}, .version = "1"});
  }
};

TEST(Exporter, SendsAllThatItHasBeforeItGoes) {
  Collector collector;
  {
    auto exporter = collector.exporter();
    for (std::size_t i = 0; i < spans_batch + 10; ++i)
      exporter->offer(span_named(std::to_string(i)));
  }
  EXPECT_EQ(collector.spans, static_cast<int>(spans_batch) + 10);
}

TEST(Exporter, WhatIsRefusedIsNotSentAgain) {
  Collector collector;
  collector.status = 400;
  {
    auto exporter = collector.exporter();
    exporter->offer(span_named("a"));
  }
  EXPECT_EQ(collector.requests, 1);
}

TEST(Exporter, NeverMakesAnybodyWait) {
  auto exporter = *Exporter::start({.traces_url = "http://127.0.0.1:1/v1/traces", .headers = {}, .version = "1"});
  auto& dropped = Registry::process().counter("aright_trace_spans_total", "", {"outcome"}).with({"dropped"});
  auto before = dropped.value();
  for (std::size_t i = 0; i < 2 * spans_waiting_max; ++i)
    exporter->offer(span_named("a"));
  EXPECT_GT(dropped.value(), before);
}

TEST(Exporter, AUrlThatIsNoneIsToldAtOnce) {
  EXPECT_FALSE(Exporter::start({.traces_url = "collector:4318", .headers = {}, .version = "1"}));
}

}  // namespace
}  // namespace aright::telemetry
