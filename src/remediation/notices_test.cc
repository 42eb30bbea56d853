// Messages that cannot be delivered: counted, shown, and forgotten after a while.

#include "remediation/notices.h"

#include <gmock/gmock.h>

#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::IsEmpty;

class Undeliverable : public ::testing::Test, protected World {};

TEST_F(Undeliverable, IsCountedForItsChannelAndForgottenAfterAWhile) {
  open("controls: [{id: s3-bucket-public-read-prohibited}]\n"
       "decide: [{name: all, decision: automatic}]\n"
       "notify: [{name: nowhere, sqs: \"arn:aws:sqs:us-east-1:111122223333:nowhere\", on: [resolved]}]\n");
  make_public_bucket("logs");
  scan_and_settle();
  EXPECT_THAT(*dead_messages(*ledger), IsEmpty()) << "it is tried again";
  for (int attempt = 1; attempt < ledger::outbox::attempts_max; ++attempt) {
    clock.advance(ledger::outbox::backoff_max);
    settle();
  }
  auto dead = *dead_messages(*ledger);
  ASSERT_TRUE(dead.contains("nowhere"));
  EXPECT_EQ(dead["nowhere"].count, 1);
  EXPECT_NE(dead["nowhere"].error, "");

  ASSERT_TRUE(prune_messages(*ledger, clock.now() + dead_kept));
  EXPECT_EQ((*dead_messages(*ledger))["nowhere"].count, 1) << "that long it is kept";
  ASSERT_TRUE(prune_messages(*ledger, clock.now() + dead_kept + milliseconds(1)));
  EXPECT_THAT(*dead_messages(*ledger), IsEmpty());
  EXPECT_FALSE(ledger->verify()->fault);
}

}  // namespace
}  // namespace aright::remediation
