// Frames from bytes, in all the pieces that they may come in. Examples are those of NATS' protocol reference.

#include "nats/protocol.h"

#include <gmock/gmock.h>

#include "base/random.h"

namespace aright::nats {
namespace {

using ::testing::HasSubstr;

const std::string conversation =
    "INFO {\"server_id\":\"X\",\"max_payload\":1048576}\r\n"
    "PING\r\n+OK\r\n-ERR 'Unknown Protocol Operation'\r\n"
    "MSG FOO.BAR 9 11\r\nHello World\r\n"
    "MSG FOO.BAR 9 GREETING.34 11\r\nHello World\r\n"
    "HMSG FOO.BAR 9 BAZ.69 34 45\r\nNATS/1.0\r\nFoodGroup: vegetable\r\n\r\nHello World\r\n"
    "HMSG _INBOX.1 1 28 28\r\nNATS/1.0 404 No Messages\r\n\r\n\r\n"
    "MSG empty 1 0\r\n\r\nPONG\r\n";

// One line for each frame.
std::string told(const Frame& frame) {
  if (const auto* info = std::get_if<Info>(&frame)) return "info " + info->text;
  if (const auto* refusal = std::get_if<Refusal>(&frame)) return "refusal " + refusal->what;
  if (const auto* one = std::get_if<Message>(&frame)) {
    std::string headers;
    for (const auto& [name, value] : one->headers) headers += " " + name + "=" + value;
    return fmt::format("{} reply='{}' status={} '{}'{} [{}]{}", one->subject, one->reply, one->status, one->description,
                       headers, one->payload, one->oversized ? " oversized" : "");
  }
  if (std::holds_alternative<Ping>(frame)) return "ping";
  return std::holds_alternative<Pong>(frame) ? "pong" : "ok";
}

// All frames; "fault: …" where one is none.
std::vector<std::string> read(Reader& reader, std::string_view bytes) {
  std::vector<std::string> out;
  reader.feed(bytes);
  while (true) {
    auto frame = reader.next();
    if (!frame) out.push_back("fault: " + frame.error().message);
    if (!frame || !*frame) return out;
    out.push_back(told(**frame));
  }
}

const std::vector<std::string> frames{
    R"(info {"server_id":"X","max_payload":1048576})",
    "ping",
    "ok",
    "refusal Unknown Protocol Operation",
    "FOO.BAR reply='' status=0 '' [Hello World]",
    "FOO.BAR reply='GREETING.34' status=0 '' [Hello World]",
    "FOO.BAR reply='BAZ.69' status=0 '' FoodGroup=vegetable [Hello World]",
    "_INBOX.1 reply='' status=404 'No Messages' []",
    "empty reply='' status=0 '' []",
    "pong"};

TEST(TheProtocol, IsReadWhole) {
  Reader reader;
  EXPECT_EQ(read(reader, conversation), frames);
}

TEST(TheProtocol, IsReadInPiecesOfAnySize) {
  for (std::size_t size = 1; size < 40; ++size) {
    Reader reader;
    std::vector<std::string> out;
    for (std::size_t at = 0; at < conversation.size(); at += size)
      for (auto& one : read(reader, std::string_view(conversation).substr(at, size))) out.push_back(std::move(one));
    EXPECT_EQ(out, frames) << size;
  }
}

// None of them may stop the process, or be read without end.
TEST(TheProtocol, SurvivesNonsense) {
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    Random random(seed);
    auto bytes = conversation;
    for (int change = 0; change < 3; ++change) {
      auto at = random.below(bytes.size());
      if (random.below(2)) bytes[at] = static_cast<char>(random.below(256));
      else bytes.erase(at, random.below(20));
    }
    Reader reader;
    EXPECT_LE(read(reader, bytes).size(), 40u);
  }
}

TEST(TheProtocol, RefusesWhatIsNoFrame) {
  for (auto bytes : {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "MSG\r\n", "MSG a 1\r\n", "MSG a 1 5x\r\n",
                     "MSG a 1 -5\r\n",
                     "MSG a 1 99999999999999999999\r\n", "MSG a 1 900000000\r\n", "HMSG a 1 20 10\r\n",
                     "MSG a 1 2\r\nabcd\r\n", "HMSG a 1 4 4\r\nabcd\r\n",
                     "HMSG a 1 19 19\r\nNATS/1.0\r\nabcde\r\n\r\n\r\n"}) {
    Reader reader;
    auto out = read(reader, bytes);
    ASSERT_EQ(out.size(), 1u) << bytes;
    EXPECT_THAT(out[0], HasSubstr("fault: ")) << bytes;
  }
  Reader reader;
  EXPECT_THAT(read(reader, std::string(line_bytes_max + 1, 'x')).back(), HasSubstr("a line of more than"));
}

// A message that is too long must not end the connection: it would come again, and end the next one.
TEST(TheProtocol, PassesOverWhatIsTooLong) {
  Reader reader;
  const auto bytes = payload_bytes_max + 1;
  EXPECT_TRUE(read(reader, fmt::format("MSG big 1 reply {}\r\n", bytes)).empty());
  std::string piece(1u << 20, 'x');
  for (std::size_t sent = 0; sent < bytes; sent += piece.size())
    EXPECT_TRUE(read(reader, std::string_view(piece).substr(0, std::min(piece.size(), bytes - sent))).empty());
  auto out = read(reader, "\r\nPING\r\n");
  EXPECT_EQ(out, (std::vector<std::string>{"big reply='reply' status=0 '' [] oversized", "ping"}));
  const std::string headers(header_bytes_max + 1, 'h');
  EXPECT_EQ(read(reader, fmt::format("HMSG h 1 {0} {0}\r\n{1}\r\n", headers.size(), headers)).size(), 1u);
}

TEST(TheProtocol, WritesWhatCannotBeReadAsSomethingElse) {
  EXPECT_EQ(print_publish("a.b", "", {}, "hi").value(), "PUB a.b 2\r\nhi\r\n");
  EXPECT_EQ(print_publish("a.b", "c", {{"Nats-Msg-Id", "7"}}, "hi").value(),
            "HPUB a.b c 28 30\r\nNATS/1.0\r\nNats-Msg-Id: 7\r\n\r\nhi\r\n");
  for (auto subject : {"", "a b", "a\r\nPUB b 0", "a..b", ".a", "a.", "a.*", "a.>"})
    EXPECT_FALSE(print_publish(subject, "", {}, "")) << subject;
  EXPECT_FALSE(print_publish("a", "", {{"x", "1\r\ny: 2"}}, ""));
  EXPECT_FALSE(print_publish("a", "", {{"x:y", "1"}}, ""));
  EXPECT_TRUE(is_subject("a.*.>", true));
  EXPECT_FALSE(is_subject("a.b*", true));
}

}  // namespace
}  // namespace aright::nats
